/** Components that no step leaves negative. */
import { describe, expect, test } from "vitest";
import {
  bs3,
  fbdf,
  gradient,
  kvaerno5,
  ndarray,
  odeProblem,
  rk4,
  rodas5P,
  rosenbrock23,
  solve,
  solveBatch,
  trbdf2,
  tsit5,
  vern7,
} from "../../../index.ts";
import { StepUnderflow } from "../../../solvers/solution/errors.ts";
import { BadOption } from "../../../src/core/errors.ts";

interface Pools {
  fast: number;
  slow: { a: number; b: number };
}

/** What is fast is gone at once, down to nothing. */
const pools = odeProblem({
  rhs(du: Pools, u: Pools, p: { k: number }) {
    du.fast = -p.k * u.fast;
    du.slow.a = p.k * u.fast - u.slow.a;
    du.slow.b = u.slow.a;
  },
  u0: { fast: 1, slow: { a: 0, b: 0 } },
  tspan: [0, 3],
  p: { k: 200 },
});

/** Three that are gone at once, where loose steps overshoot zero. */
const swings = odeProblem({
  rhs(du: Pools, u: Pools, p: { k: number }) {
    du.fast = -p.k * u.fast;
    du.slow.a = -0.7 * p.k * u.slow.a;
    du.slow.b = -1.3 * p.k * u.slow.b;
  },
  u0: { fast: 1, slow: { a: 1, b: 1 } },
  tspan: [0, 3],
  p: { k: 200 },
});

/** The knee problem (G. Dahlquist, L. Edsberg, G. Sköllermo, G. Söderlind 1982): from y = 1 − x it turns to y = 0, not on to negative y. */
const knee = odeProblem({
  rhs: (y: number[], p: number[], x: number) => [((1 - x) * y[0] - y[0] ** 2) / p[0]],
  u0: [1],
  p: [1e-6],
  tspan: [0, 2],
});

const options = { rtol: 1e-3, atol: 1e-6 };
const least = (states: readonly Float64Array[], i = 0): number => Math.min(...states.map((u) => u[i]));

describe("steps that leave a component negative are rejected", () => {
  test("so that implicit methods turn where the solution does, and not along what is no solution", () => {
    for (const solver of [kvaerno5(), trbdf2()]) {
      // Where it is looked between the ends of steps that is seen, too.
      expect(least(solve(knee, { solver, ...options, dense: false }).states)).toBeLessThan(-0.9);
      const { states } = solve(knee, { solver, ...options, positive: true });
      expect(least(states)).toBeGreaterThanOrEqual(0);
      expect(states.at(-1)![0]).toBeLessThan(1e-9);
    }
  });

  test.each([
    [bs3(), 1e-2],
    [vern7(), 1e-3],
    [rodas5P(), 1e-6],
    [rosenbrock23(), 1e-6],
    [fbdf(), 1e-6],
  ] as const)("of $0.name", (solver, eps) => {
    expect(least(solve(knee, { solver, ...options, p: [eps] }).states)).toBeLessThan(0);
    const { states, stats } = solve(knee, { solver, ...options, p: [eps], positive: true });
    expect(least(states)).toBeGreaterThanOrEqual(0);
    expect(states.at(-1)![0]).toBeLessThan(1e-9);
    // What decays is followed to where it underflows, as no step may be negative by however little.
    expect(stats.steps).toBeLessThan(10_000);
  });

  test("by the names of components, of parts, and all of them", () => {
    const at = { rtol: 1e-2, atol: 1e-2, solver: bs3(), p: { k: 200 } };
    const negative = (positive: true | string[]): boolean[] => {
      const { states } = solve(swings, { ...at, positive });
      return [0, 1, 2].map((i) => least(states, i) < 0);
    };
    expect(negative([])).toEqual([true, true, true]);
    expect(negative(["fast"])).toEqual([false, true, true]);
    expect(negative(["slow.b"])).toEqual([true, true, false]);
    expect(negative(["slow"])).toEqual([true, false, false]);
    expect(negative(true)).toEqual([false, false, false]);
  });

  test("in batches", async () => {
    const batch = { solver: bs3(), ...options, p: ndarray([1e-2, 2e-2], [2, 1]) };
    const { u, steps } = await solveBatch(knee, { ...batch, positive: true });
    for (const [m, eps] of [1e-2, 2e-2].entries()) {
      expect(u.get(m, 0, 0)).toBeGreaterThanOrEqual(0);
      expect(steps[m]).toBe(solve(knee, { solver: bs3(), ...options, p: [eps], positive: true }).stats.steps);
    }
    expect((await solveBatch(knee, batch)).u.get(0, 0, 0)).toBeLessThan(0);
  });
});

test.each(["discrete", "gauss", "dual", "forwardSensitivity"])("derivatives by %s are those of the solution", (adjoint) => {
  const options = { solver: rodas5P(), rtol: 1e-8, atol: 1e-10, positive: true } as const;
  const { gradient: by } = gradient(pools, { loss: { final: (u) => u.slow.b }, adjoint, ...options });
  // b(t) = 1 − (k e^(−t) − e^(−k t)) / (k − 1)
  const [k, t] = [200, 3];
  const exact = -Math.exp(-t) / (k - 1) + (k * Math.exp(-t)) / (k - 1) ** 2;
  expect(by.p!.k / exact).toBeCloseTo(1, 4);
});

describe("what is refused", () => {
  test("names that are none, and methods whose steps are not judged", () => {
    expect(() => solve(pools, { positive: ["quick"] })).toThrow(BadOption);
    expect(() => solve(pools, { positive: ["quick"] })).toThrow(
      /the state has no "quick". Its components are fast, slow\.a, slow\.b/,
    );
    expect(() => solve(pools, { positive: ["slo"] })).toThrow(BadOption);
    expect(() => solve(pools, { positive: "fast" as never })).toThrow(BadOption);
    expect(() => solve(pools, { solver: rk4({ dt: 0.01 }), positive: true })).toThrow(
      /positive: the steps of rk4 are of one length/,
    );
  });

  test("solutions that become negative, or begin so", () => {
    const falling = odeProblem({ rhs: () => [-1], u0: [1], tspan: [0, 2] });
    for (const solver of [tsit5(), rodas5P(), fbdf()]) {
      expect(() => solve(falling, { solver, positive: true })).toThrow(StepUnderflow);
      expect(() => solve(falling, { solver, positive: true })).toThrow(/u\[0\] becomes negative there/);
    }
    expect(() => solve(falling, { u0: [-1], positive: true })).toThrow(/u\[0\] is -1 there/);
  });
});
