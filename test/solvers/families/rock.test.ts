/** ROCK2 and ROCK4: the coefficients of every degree by their conditions of order and their stability, and the steps that use them. */
import { describe, expect, it } from "vitest";
import { largestDefect } from "../../../solvers/families/explicit/order-conditions.ts";
import type { RockMethod } from "../../../solvers/families/rock/tableau.ts";
import { memo } from "../../../src/core/memo.ts";
import { recurrenceOf } from "../../../solvers/families/rock/recurrences.ts";
import { rock2, rock4 } from "../../../solvers/index.ts";
import { integrate, prepare } from "../../../solvers/step-loop/integrate.ts";
import { systemOf } from "../systems.ts";

/** As a Runge–Kutta method: the rows of all stages, the weights, and those of the estimate, with the slope at the end. */
function rowsOf({ tableau }: RockMethod, k: number): { a: number[][]; b: number[]; error: number[] } {
  const { degree, finishing } = tableau.polynomials[k];
  const recurrence = recurrenceOf(tableau.polynomials[k]);
  const sum = (x: number[], y: number[], by = 1): number[] =>
    Array.from({ length: Math.max(x.length, y.length) }, (_, i) => (x[i] ?? 0) + by * (y[i] ?? 0));
  const slope = (i: number): number[] => [...new Array<number>(i).fill(0), 1];
  const a: number[][] = [[], [recurrence[0]]];
  for (let j = 2; j <= degree; j++) {
    const [mu, kappa] = recurrence.slice(2 * j - 3);
    const moved = sum(a[j - 1], sum(a[j - 1], a[j - 2], -1), kappa);
    a.push(sum(moved, slope(j - 1), mu));
  }
  const end = a.at(-1)!;
  const first = a.length - 1;
  const behind = (weights: readonly number[], from: number[] = end): number[] =>
    weights.reduce((row, weight, i) => sum(row, slope(first + i), weight), from);
  for (const row of finishing.a) a.push(behind(row));
  return { a, b: behind(finishing.b), error: behind(finishing.error, []) };
}

const numbersOf = memo(recurrenceOf);

/** R(-x), a step of u' = -x u of length one from one: by the recurrence itself, as the rows of many stages lose digits. */
function polynomial({ tableau }: RockMethod, k: number, x: number): number {
  const { degree, finishing } = tableau.polynomials[k];
  const recurrence = numbersOf(tableau.polynomials[k]);
  let [older, now] = [1, 1 - x * recurrence[0]];
  for (let j = 2; j <= degree; j++) {
    const [mu, kappa] = recurrence.slice(2 * j - 3);
    [older, now] = [now, now + kappa * (now - older) - x * mu * now];
  }
  const slopes = [-x * now];
  const state = (row: readonly number[]): number => now + row.reduce((sum, w, i) => sum + w * slopes[i], 0);
  for (const row of finishing.a) slopes.push(-x * state(row));
  return state(finishing.b);
}

describe.each([rock2(), rock4()])("$name", (method) => {
  const { order, tableau } = method;
  const { polynomials, reach, offset } = tableau;
  const stagesOf = (k: number): number => polynomials[k].degree + polynomials[k].finishing.b.length;

  describe.each(polynomials.map(({ degree }, k) => [degree, k] as const))("degree %i", (_, k) => {
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
      const k = polynomials.findIndex((_, i) => reach * stagesOf(i) ** 2 - offset > lambda);
      expect(final[0]).toBeCloseTo(polynomial(method, k, lambda), 11);
      expect(statistics.rhsCalls).toBe(1 + stagesOf(k));
    },
  );
});

/** The first and the last numbers of recurrences in the authors' codes, rock2.f and rock4.f. */
it.each([
  [rock2(), 3, [0.0578662712551911, 0.07776456841673993, 0.02157791817707098], [0.09528922876588625, 0.08723622960881584]],
  [rock2(), 20, [0.002843902743022214, 0.003902467368190393, 0.02519598783827689], [0.008648214015485161, 0.6939680907913989]],
  [rock2(), 102, [0.0001268446182127322, 0.0001743404286829759, 0.02544292517172434], [0.000440859159331359, 0.9310001041198086]],
  [rock4(), 3, [0.07296375286357569, 0.08749824867149326, 0.006126949805354446], [0.1026802330400501, 0.0302674477990085]],
  [rock4(), 20, [0.005278040811520425, 0.006402421198476983, 0.007026749310824704], [0.01505946839641039, 0.5272614695163532]],
  [
    rock4(),
    105,
    [0.0002516072353014572, 0.0003056959967091976, 0.007141513331248321],
    [0.000894526719428889, 0.8825464274388153],
  ],
] as const)("$0.name, degree %i: the recurrence is the published one", (method, degree, first, last) => {
  const numbers = recurrenceOf(method.tableau.polynomials.find((one) => one.degree === degree)!);
  first.forEach((x, i) => expect(numbers[i]).toBeCloseTo(x, 12));
  last.forEach((x, i) => expect(numbers[numbers.length - 2 + i]).toBeCloseTo(x, 12));
});
