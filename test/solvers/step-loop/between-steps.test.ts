/** Between their steps, implicit methods are as exact as at their ends, also of what equations determine at once. */
import { describe, expect, it } from "vitest";
import { gradient, kvaerno5, odeProblem, rodas5P, solve, type Method, type OdeProblem } from "../../../index.ts";
import { implicitMethods } from "../../tables.ts";

const start = [1, 0, 1];
const tspan = [0, 10] as const;
const massMatrix = [
  [1, 0, 0],
  [0, 1, 0],
  [0, 0, 0],
];

/** (cos t, sin t, p cos⁸ t), the last by an equation, or by one that it follows within 1e-8. */
const problems: Record<string, OdeProblem<number[], number[]>> = {
  algebraic: odeProblem({
    rhs(du: number[], u: number[], p: number[]) {
      du[0] = -u[1];
      du[1] = u[0];
      du[2] = p[0] * u[0] ** 8 - u[2];
    },
    u0: start,
    tspan,
    p: [1],
    massMatrix,
  }),
  slaved: odeProblem({
    rhs(du: number[], u: number[], p: number[]) {
      du[0] = -u[1];
      du[1] = u[0];
      du[2] = (p[0] * u[0] ** 8 - u[2]) / 1e-8;
    },
    u0: start,
    tspan,
    p: [1],
  }),
};

const times = Array.from({ length: 97 }, (_, i) => (i + 1) * 0.1013);

/** The largest error of the last component, in units of the tolerance. */
function worst(states: readonly (readonly number[])[], at: ArrayLike<number>, tolerance: number): number {
  return states.reduce((most, u, k) => {
    const exact = Math.cos(at[k]) ** 8;
    return Math.max(most, Math.abs(u[2] - exact) / (tolerance * (1 + exact)));
  }, 0);
}

const tolerances = (tolerance: number): { rtol: number; atol: number } => ({ rtol: tolerance, atol: tolerance });

describe.each(Object.entries(problems))("a component that is %s", (_, problem) => {
  it.each(implicitMethods.map((method): [string, Method] => [method.name, method]))("at saved times by %s", (__, solver) => {
    const options = { solver, ...tolerances(1e-6) };
    const ends = solve(problem, { ...options, saveat: [10] });
    const all = solve(problem, { ...options, dense: false });
    const saved = solve(problem, { ...options, saveat: times });
    const atEnds = worst(all.u as number[][], all.t, 1e-6);
    expect(worst(saved.u as number[][], saved.t, 1e-6)).toBeLessThan(Math.max(5, 1.4 * atEnds));
    expect(saved.stats.steps).toBeLessThanOrEqual(ends.stats.steps + times.length);
  });

  it.each([1e-4, 1e-6, 1e-8])("by dense output at %d", (tolerance) => {
    const solution = solve(problem, { solver: rodas5P(), ...tolerances(tolerance) });
    const states = times.map((t) => solution.at(t) as number[]);
    expect(worst(states, times, tolerance)).toBeLessThan(12);
  });

  it("is differentiated there", () => {
    const at = times.filter((_time, k) => k % 10 === 0);
    const { p, u0 } = gradient(problem, {
      solver: rodas5P(),
      ...tolerances(1e-8),
      loss: { at, of: (u) => u[2] },
      wrt: ["p", "u0"],
    }).gradient;
    const sum = (of: (t: number) => number): number => at.reduce((all, t) => all + of(t), 0);
    expect(p![0]).toBeCloseTo(
      sum((t) => Math.cos(t) ** 8),
      6,
    );
    expect(u0![1]).toBeCloseTo(sum((t) => -8 * Math.cos(t) ** 7 * Math.sin(t)), 5); // prettier-ignore
  });
});

it("what jumps between steps is passed by", () => {
  const problem = odeProblem({
    rhs(du: number[], u: number[]) {
      du[0] = -u[1];
      du[1] = u[0];
      du[2] = (u[0] > 0 ? 1 : 0) - u[2];
    },
    u0: start,
    tspan,
    massMatrix,
  });
  const solution = solve(problem, { solver: kvaerno5(), switches: "ignore" });
  expect(solution.u.at(-1)![0]).toBeCloseTo(Math.cos(10), 3);
  expect(solution.stats.steps).toBeLessThan(1000);
});
