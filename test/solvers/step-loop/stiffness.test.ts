/** The choice of a method sees stiffness: early, whatever stands beside it, and before a failure is final. */
import { describe, expect, test } from "vitest";
import { brusselatorCells, lotkaVolterra, pkpd, spiralNeuralODE } from "../../../problems/index.ts";
import { TIGHT } from "../../../solvers/solve/candidates.ts";
import { odeProblem, solve, type OdeProblem, type SolveOptions } from "../../../index.ts";

const robertson = odeProblem({
  rhs: (y: number[]) => [-0.04 * y[0] + 1e4 * y[1] * y[2], 0.04 * y[0] - 1e4 * y[1] * y[2] - 3e7 * y[1] ** 2, 3e7 * y[1] ** 2],
  u0: [1, 0, 0],
  tspan: [0, 100],
});

/** By rodas5P at rtol 1e-12, atol 1e-16. */
const ROBERTSON_AT_100 = 0.382758964;

/** u' = -k (u - cos t) - sin t from 1 (A. Prothero, A. Robinson, Math. Comput. 28 (1974) 145–162, with φ = cos): u = cos t. */
const protheroRobinson = (k: number) =>
  odeProblem({
    rhs: (u: number[], p: { k: number }, t: number) => [-p.k * (u[0] - Math.cos(t)) - Math.sin(t)],
    u0: [1],
    tspan: [0, 10],
    p: { k },
  });

/** u' = -k (u - cos t) from 0, at t = 10 where the transient is gone. */
function relaxation(k: number, t: number): number {
  return (k * (k * Math.cos(t) + Math.sin(t))) / (k * k + 1);
}

function end(problem: OdeProblem<number[], never>, options: SolveOptions<number[], never>) {
  const solution = solve(problem, { saveat: [problem.tspan[1]], ...options });
  return { u: solution.states[0], solver: solution.solver, ...solution.stats };
}

const anyOf = (problem: unknown): OdeProblem<number[], never> => problem as OdeProblem<number[], never>;

describe("Robertson's reaction", () => {
  test.each([
    [1e-2, 1e-2],
    [1e-3, 1e-3],
    [1e-4, 1e-4],
    [1e-5, 1e-5],
    [1e-7, 1e-5],
    [1e-3, 1e-6],
    [1e-6, 1e-6],
    [1e-9, 1e-9],
  ])("rtol %s, atol %s", (rtol, atol) => {
    const { u, solver, steps } = end(anyOf(robertson), { rtol, atol });
    expect(Math.abs(u[2] / ROBERTSON_AT_100 - 1)).toBeLessThan(2e-3);
    expect(solver).toContain("rodas5P");
    expect(steps).toBeLessThan(120);
  });

  test("where the explicit method broke down the implicit one begins again, and says so", () => {
    const { solver, steps, rejected } = end(anyOf(robertson), { rtol: 1e-3, atol: 1e-3 });
    expect(solver).toMatch(/^rodas5P after tsit5 broke down at t = 0\.00\d+$/);
    // What came to nothing counts as rejected.
    expect(rejected).toBeGreaterThan(steps);
  });
});

describe("stiffness shows itself", () => {
  test.each([1e-3, 1e-6, 1e-9, 1e-11])("Prothero and Robinson's problem, tolerance %s", (tolerance) => {
    const { u, solver, steps, rhsCalls } = end(anyOf(protheroRobinson(1e5)), { rtol: tolerance, atol: tolerance });
    expect(Math.abs(u[0] - Math.cos(10))).toBeLessThan(10 * tolerance);
    expect(solver).toMatch(/^\w+ -> rodas5P/);
    expect(steps).toBeLessThan(400);
    expect(rhsCalls).toBeLessThan(4000);
  });

  test.each([1e-3, 1e-6, 1e-9])("a solution that does not excite it, tolerance %s", (tolerance) => {
    const problem = odeProblem({ rhs: (u: number[], _p, t) => [-2000 * (u[0] - Math.cos(t))], u0: [0], tspan: [0, 10] });
    const { u, steps } = end(anyOf(problem), { rtol: tolerance, atol: tolerance });
    expect(Math.abs(u[0] - relaxation(2000, 10))).toBeLessThan(10 * tolerance);
    expect(steps).toBeLessThan(600);
  });

  test.each([1e-3, 1e-6, 1e-10])("beside 500 components that rest, tolerance %s", (tolerance) => {
    const problem = odeProblem({
      rhs(du: number[], u: number[], _p, t) {
        for (let i = 0; i < 500; i++) du[i] = 0;
        du[500] = -1e4 * (u[500] - Math.cos(t));
      },
      u0: new Array<number>(501).fill(1),
      tspan: [0, 10],
    });
    const { u, steps } = end(anyOf(problem), { rtol: tolerance, atol: tolerance });
    expect(Math.abs(u[500] - relaxation(1e4, 10))).toBeLessThan(10 * tolerance);
    expect(steps).toBeLessThan(500);
  });

  test.each([1e-4, 1e-6, 1e-9])("in a block that becomes stiff beside a fast oscillation, tolerance %s", (tolerance) => {
    const problem = odeProblem({
      rhs(du: number[], u: number[], _p, t) {
        du[0] = u[1];
        du[1] = -25 * u[0];
        const k = t < 5 ? 1 : 1 + 1e5 * Math.min(t - 5, 1);
        du[2] = -k * (u[2] - Math.cos(t));
      },
      u0: [1, 0, 1],
      tspan: [0, 10],
    });
    const { u, solver, steps } = end(anyOf(problem), { rtol: tolerance, atol: tolerance });
    expect(Number(solver.split("t = ")[1])).toBeCloseTo(5, 0);
    expect(Math.abs(u[2] - relaxation(1e5, 10))).toBeLessThan(1e3 * tolerance);
    expect(steps).toBeLessThan(1500);
  });

  test("a small stiff component beside a large slow one", () => {
    const problem = odeProblem({
      rhs: (u: number[], _p, t) => [1e9 * Math.cos(t), -1e4 * (u[1] - 1e-3 * Math.cos(t))],
      u0: [1e9, 0],
      tspan: [0, 10],
    });
    const { u, steps } = end(anyOf(problem), { rtol: 1e-10, atol: 1e-12 });
    expect(u[1]).toBeCloseTo(1e-3 * relaxation(1e4, 10), 11);
    expect(steps).toBeLessThan(600);
  });

  test("rates beyond the shortest step: the failure of the explicit method is not final", () => {
    const problem = odeProblem({ rhs: (u: number[], _p, t) => [-1e20 * (u[0] - t), 1], u0: [1, 0], tspan: [1, 2] });
    const { u, solver } = end(anyOf(problem), {});
    expect(u[0]).toBeCloseTo(2, 6);
    expect(solver).toContain("rodas5P");
  });
});

describe("what is not stiff stays explicit, step for step as by one method alone", () => {
  const oscillator = odeProblem({ rhs: (u: number[]) => [u[1], -u[0]], u0: [1, 0], tspan: [0, 30] });
  const lorenz = odeProblem({
    rhs: (u: number[]) => [10 * (u[1] - u[0]), u[0] * (28 - u[2]) - u[1], u[0] * u[1] - (8 / 3) * u[2]],
    u0: [1, 0, 0],
    tspan: [0, 20],
  });
  const nagumo = odeProblem({
    rhs: (u: number[]) => [u[0] - u[0] ** 3 / 3 - u[1] + 0.5, 0.08 * (u[0] + 0.7 - 0.8 * u[1])],
    u0: [-1, 1],
    tspan: [0, 100],
  });
  const orbit = odeProblem({
    rhs(u: number[]) {
      const r = Math.hypot(u[0], u[1]) ** 3 / 3.986e14;
      return [u[2], u[3], -u[0] / r, -u[1] / r];
    },
    u0: [7e6, 0, 0, 8e3],
    tspan: [0, 2e4],
  });
  const decay = odeProblem({ rhs: (u: number[]) => [-u[0]], u0: [1], tspan: [0, 10] });
  const epidemic = odeProblem({
    rhs(u: number[]) {
      const infections = (0.5 * u[0] * u[1]) / 1e6;
      return [-infections, infections - 0.1 * u[1], 0.1 * u[1]];
    },
    u0: [1e6 - 1, 1, 0],
    tspan: [0, 160],
  });
  const problems = { oscillator, lorenz, nagumo, orbit, decay, epidemic, lotkaVolterra: lotkaVolterra().problem };
  const tolerances = [1e-3, 1e-4, 1e-6, 1e-9];
  test.each(Object.entries(problems).flatMap(([name, problem]) => tolerances.map((tol) => [name, tol, problem] as const)))(
    "%s, tolerance %s",
    (_, tolerance, problem) => {
      expect(end(anyOf(problem), { rtol: tolerance, atol: tolerance }).solver).toBe(tolerance < TIGHT ? "dop853" : "tsit5");
    },
  );

  test("named problems at the default tolerances", () => {
    for (const { problem } of [spiralNeuralODE(), pkpd()]) expect(end(anyOf(problem), {}).solver).toBe("dop853");
    expect(end(anyOf(brusselatorCells().problem), {}).solver).toMatch(/^dop853 -> /);
  });
});

test("steps at most are those of both methods together", () => {
  for (const maxSteps of [10, 20, 60]) {
    const { stats, result } = solve(robertson, { rtol: 1e-10, atol: 1e-12, maxSteps, throwOnFailure: false });
    expect(result).toBe("tooManySteps");
    expect(stats.steps + stats.rejected).toBe(maxSteps);
  }
});

test("runs repeat", () => {
  const [one, other] = [1, 2].map(() => solve(robertson, { rtol: 1e-6, atol: 1e-9 }));
  expect([...one.t]).toEqual([...other.t]);
  expect(one.solver).toBe(other.solver);
});
