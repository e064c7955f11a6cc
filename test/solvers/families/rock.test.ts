/** ROCK2 and ROCK4: the coefficients of every degree by their conditions of order and their stability, and the steps that use them. */
import { describe, expect, it } from "vitest";
import { largestDefect } from "../../../solvers/families/explicit/order-conditions.ts";
import type { RockMethod } from "../../../solvers/families/rock/tableau.ts";
import { rock2, rock4 } from "../../../solvers/index.ts";
import { integrate, prepare } from "../../../solvers/step-loop/integrate.ts";
import { systemOf } from "../systems.ts";

/** As a Runge–Kutta method: the rows of all stages, the weights, and those of the estimate, with the slope at the end. */
function rowsOf({ tableau }: RockMethod, k: number): { a: number[][]; b: number[]; error: number[] } {
  const { degrees, recurrences, finishing } = tableau;
  const start = degrees.slice(0, k).reduce((sum, m) => sum + 2 * m - 1, 0);
  const sum = (x: number[], y: number[], by = 1): number[] =>
    Array.from({ length: Math.max(x.length, y.length) }, (_, i) => (x[i] ?? 0) + by * (y[i] ?? 0));
  const slope = (i: number): number[] => [...new Array<number>(i).fill(0), 1];
  const a: number[][] = [[], [recurrences[start]]];
  for (let j = 2; j <= degrees[k]; j++) {
    const [mu, kappa] = recurrences.slice(start + 2 * j - 3);
    const moved = sum(a[j - 1], sum(a[j - 1], a[j - 2], -1), kappa);
    a.push(sum(moved, slope(j - 1), mu));
  }
  const end = a.at(-1)!;
  const first = a.length - 1;
  const behind = (weights: readonly number[], from: number[] = end): number[] =>
    weights.reduce((row, weight, i) => sum(row, slope(first + i), weight), from);
  for (const row of finishing[k].a) a.push(behind(row));
  return { a, b: behind(finishing[k].b), error: behind(finishing[k].error, []) };
}

/** R(-x), a step of u' = -x u of length one from one: by the recurrence itself, as the rows of many stages lose digits. */
function polynomial({ tableau }: RockMethod, k: number, x: number): number {
  const { degrees, recurrences, finishing } = tableau;
  const start = degrees.slice(0, k).reduce((sum, m) => sum + 2 * m - 1, 0);
  let [older, now] = [1, 1 - x * recurrences[start]];
  for (let j = 2; j <= degrees[k]; j++) {
    const [mu, kappa] = recurrences.slice(start + 2 * j - 3);
    [older, now] = [now, now + kappa * (now - older) - x * mu * now];
  }
  const slopes = [-x * now];
  const state = (row: readonly number[]): number => now + row.reduce((sum, w, i) => sum + w * slopes[i], 0);
  for (const row of finishing[k].a) slopes.push(-x * state(row));
  return state(finishing[k].b);
}

describe.each([rock2(), rock4()])("$name", (method) => {
  const { order, tableau } = method;
  const { degrees, finishing, reach, offset } = tableau;
  const stagesOf = (k: number): number => degrees[k] + finishing[k].b.length;

  describe.each(degrees.map((degree, k) => [degree, k] as const))("degree %i", (_, k) => {
    const { a, b, error } = rowsOf(method, k);

    it("meets the conditions of its order, its estimate those of one less", () => {
      // The coefficients have 15 or 16 digits, and sums of hundreds of stages lose some.
      for (let vertices = 1; vertices <= order; vertices++)
        expect(Math.abs(largestDefect(a, b, vertices).size)).toBeLessThan(1e-11);
      const withEnd = [...a, b];
      const estimate = Array.from({ length: withEnd.length }, (_, i) => (b[i] ?? 0) + (error[i] ?? 0));
      for (let vertices = 1; vertices < order; vertices++)
        expect(Math.abs(largestDefect(withEnd, estimate, vertices).size)).toBeLessThan(1e-11);
    });

    it("is stable as far as its stages are asked to reach", () => {
      const end = reach * stagesOf(k) ** 2 - offset;
      // The authors' boundaries, 0.81 s² and 0.35 s².
      expect(Math.abs(polynomial(method, k, 1.02 * (end + offset)))).toBeGreaterThan(1);
      for (let i = 0; i <= 2000; i++) expect(Math.abs(polynomial(method, k, (end * i) / 2000))).toBeLessThan(1 + 1e-10);
    });
  });

  it.each([0.01, 1, 5, 20, 100, 777])(
    "a step of u' = -λu with λ = %f is that polynomial, by the fewest stages that reach",
    (lambda) => {
      const decay = systemOf("decay", 1, 1, ({ u, p, mul }) => [mul(mul(u[0], p[0]), -1)]);
      const { final, statistics, result } = integrate(prepare(decay, method, { target: "javascript" }), {
        u0: Float64Array.of(1),
        p: Float64Array.of(lambda),
        t0: 0,
        t1: 1,
        rtol: 1,
        atol: 1,
        fixedStep: 1,
      });
      expect(result.kind).toBe("success");
      const k = degrees.findIndex((_, i) => reach * stagesOf(i) ** 2 - offset > lambda);
      expect(final[0]).toBeCloseTo(polynomial(method, k, lambda), 11);
      expect(statistics.rhsCalls).toBe(1 + stagesOf(k));
    },
  );
});
