/** Adaptive quadrature: exactness of its rules, what its pieces let it see, and how much work it does. */
import { describe, expect, it } from "vitest";
import { EVALUATIONS, integrateAdaptively } from "../../../sensitivity/numerics/gauss-kronrod.ts";
import { Heap } from "../../../sensitivity/numerics/heap.ts";

function integrate(f: (t: number) => readonly number[], ends: readonly number[], { rtol = 1e-8, maxBisections = 1000 } = {}) {
  const components = f(ends[0]).length;
  const totals = { integral: new Float64Array(components), size: new Float64Array(components) };
  let calls = 0;
  const counted = (t: number, out: Float64Array): void => {
    calls++;
    out.set(f(t));
  };
  const weights = new Float64Array(components).fill(1);
  const converged = integrateAdaptively(counted, ends, totals, { rtol, maxBisections, weights });
  return { ...totals, calls, converged };
}

describe("adaptive quadrature", () => {
  it("is exact for polynomials of degree 11, and of one piece", () => {
    for (let k = 0; k <= 11; k++) {
      const { integral } = integrate((t) => [t ** k], [0, 1], { rtol: 1 });
      expect(integral[0]).toBeCloseTo(1 / (k + 1), 14);
    }
    expect(Math.abs(integrate((t) => [t ** 12], [0, 1], { rtol: 1 }).integral[0] - 1 / 13)).toBeGreaterThan(1e-10);
  });

  it("compares with a rule of degree 5: a piece of that degree is evaluated once", () => {
    expect(integrate((t) => [t ** 5], [0, 2], { rtol: 1e-12 }).calls).toBe(EVALUATIONS);
    expect(integrate((t) => [t ** 6], [0, 2], { rtol: 1e-12 }).calls).toBeGreaterThan(EVALUATIONS);
  });

  it("finds √t and a jump, and goes over time backward", () => {
    const { integral, converged } = integrate((t) => [Math.sqrt(t), t < Math.SQRT1_2 ? 0 : 1], [1, 0]);
    expect(converged).toBe(true);
    expect(integral[0]).toBeCloseTo(-2 / 3, 8);
    expect(integral[1]).toBeCloseTo(Math.SQRT1_2 - 1, 7);
  });

  it("sees a pulse by the pieces that it begins with", () => {
    const pulse = (t: number): number[] => [Math.exp(-(((t - 0.53) / 1e-3) ** 2))];
    expect(integrate(pulse, [0, 1]).integral[0]).toBeLessThan(1e-20);
    const ends = [0, 0.525, ...Array.from({ length: 10 }, (_, i) => 0.526 + i / 1000), 1];
    expect(integrate(pulse, ends).integral[0] / (1e-3 * Math.sqrt(Math.PI))).toBeCloseTo(1, 8);
  });

  it("knows the scale of what cancels, and does not chase rounding", () => {
    const { integral, size, calls } = integrate((t) => [Math.sin(t), 1e-16 * Math.sin(1e6 * t)], [0, Math.PI, 2 * Math.PI]);
    expect(Math.abs(integral[0])).toBeLessThan(1e-8);
    expect(size[0]).toBeCloseTo(4, 7);
    expect(calls).toBeLessThan(1000);
  });

  it("does no more than it is allowed to, and says so", () => {
    const { calls, converged } = integrate((t) => [Math.sqrt(Math.abs(Math.sin(300 * t)))], [0, 1], { maxBisections: 10 });
    expect(converged).toBe(false);
    expect(calls).toBe(EVALUATIONS * (2 + 3 * 10));
  });
});

it("a heap gives what was pushed by falling score", () => {
  const heap = new Heap<number>();
  const scores = Array.from({ length: 200 }, (_, i) => (i * 7919) % 97);
  scores.forEach((score) => heap.push(score, score));
  const popped = scores.map(() => heap.pop()?.item);
  expect(popped).toEqual(scores.toSorted((a, b) => b - a));
  expect(heap.pop()).toBeUndefined();
});
