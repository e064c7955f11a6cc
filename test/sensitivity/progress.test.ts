/** Long gradients tell how far they are, can be aborted, and can be computed within each other. */
import { describe, expect, it } from "vitest";
import {
  AdjointAborted,
  gradient,
  odeProblem,
  sensitivities,
  solve,
  SolveAborted,
  solveWithPullback,
  tsit5,
  type Gradient,
  type GradientOptions,
  type GradientProgress,
  type OdeProblem,
} from "../../index.ts";
import { adjointsThat } from "../tables.ts";

type State = { prey: number; predator: number };
type Parameters = { a: number; b: number; c: number; d: number };

const problem = odeProblem({
  rhs(du, u, p) {
    du.prey = p.a * u.prey - p.b * u.prey * u.predator;
    du.predator = p.d * u.prey * u.predator - p.c * u.predator;
  },
  u0: { prey: 1, predator: 1 },
  tspan: [0, 8],
  p: { a: 1.5, b: 1, c: 3, d: 1 },
  events: { at: [3], apply: (u, p) => void (u.prey += 0.1 * p.a) },
});

const loss = { at: [2, 4, 6, 8], of: (u: State) => u.prey ** 2, integral: (u: State) => u.predator };
const ways = Object.fromEntries(adjointsThat().map((adjoint) => [adjoint, { adjoint }]));
const all: Record<string, { adjoint: string; memoryBudget?: number }> = {
  ...ways,
  "discrete with checkpoints": { adjoint: "discrete", memoryBudget: 2 ** 14 },
};
const forwardOnly = adjointsThat(({ mode }) => mode === "forward");

describe.each(Object.keys(all))("%s", (name) => {
  const options: GradientOptions<State, Parameters> = {
    ...all[name],
    loss,
    wrt: ["p", "u0"],
    solver: tsit5(),
    rtol: 1e-9,
    atol: 1e-9,
    backward: { rtol: 1e-9, atol: 1e-9 },
  };
  const phases = forwardOnly.includes(name) ? (["forward"] as const) : (["forward", "backward"] as const);
  const numbers = ({ value, flat }: Gradient): number[] => [value, ...flat.p!, ...flat.u0!];
  const run = (watch: Pick<GradientOptions, "onProgress" | "signal">): number[] =>
    numbers(gradient(problem, { ...options, ...watch }));
  const alone = run({});

  it("tells how far it is, from the start of each phase to its end", () => {
    const told: GradientProgress[] = [];
    expect(run({ onProgress: (progress) => told.push(progress) })).toEqual(alone);
    expect([...new Set(told.map(({ phase }) => phase))]).toEqual(phases);
    for (const phase of phases) {
      const fractions = told.filter((progress) => progress.phase === phase).map(({ fraction }) => fraction);
      expect(fractions.length).toBeGreaterThan(1);
      expect(fractions).toEqual(fractions.toSorted((a, b) => a - b));
      expect(fractions.at(-1)).toBe(1);
      const steps = told.filter((progress) => progress.phase === phase).map((progress) => progress.steps);
      expect(steps.at(-1)).toBeGreaterThan(50);
    }
  });

  it.each(phases)("stops when it is aborted on its way %s, and computes the same afterwards", (phase) => {
    const controller = new AbortController();
    const onProgress = (progress: GradientProgress): void => {
      if (progress.phase === phase && progress.fraction > 0.3) controller.abort();
    };
    const kind = phase === "backward" || forwardOnly.includes(name) ? AdjointAborted : SolveAborted;
    expect(() => run({ onProgress, signal: controller.signal })).toThrow(kind);
    expect(run({})).toEqual(alone);
  });

  it("does not begin when it is aborted already", () => {
    const told: GradientProgress[] = [];
    expect(() => run({ signal: AbortSignal.abort(), onProgress: (progress) => told.push(progress) })).toThrow(
      /signal was aborted/,
    );
    expect(told.every(({ fraction }) => fraction === 0)).toBe(true);
  });

  it("passes on what onProgress throws, and computes the same afterwards", () => {
    for (const phase of phases) {
      const onProgress = (progress: GradientProgress): void => {
        if (progress.phase === phase && progress.fraction > 0.3) throw new RangeError("enough");
      };
      expect(() => run({ onProgress })).toThrow(RangeError);
      expect(run({})).toEqual(alone);
    }
  });

  it("is computed within itself", () => {
    const inner: number[][] = [];
    expect(run({ onProgress: () => inner.length < 12 && inner.push(run({})) })).toEqual(alone);
    for (const numbers of inner) expect(numbers).toEqual(alone);
  });
});

it("a pullback and sensitivities are aborted too", () => {
  const controller = new AbortController();
  const { signal } = controller;
  const { pullback, solution } = solveWithPullback(problem, { saveat: 1, adjoint: "gauss", signal });
  expect(() => sensitivities(problem, { saveat: 1, signal, onProgress: () => controller.abort() })).toThrow(AdjointAborted);
  expect(() => pullback(solution.u)).toThrow(AdjointAborted);
});

it("a solve that changes to a stiff method does not begin anew in what it tells", () => {
  const vanDerPol = odeProblem({
    rhs: (u: number[], p: number[]) => [u[1], p[0] * ((1 - u[0] ** 2) * u[1] - u[0])],
    u0: [2, 0],
    p: [1e4],
    tspan: [0, 1],
  });
  const fractions: number[] = [];
  const { solver } = solve(vanDerPol, { onProgress: ({ fraction }) => fractions.push(fraction) });
  expect(solver).toContain("->");
  expect(fractions).toEqual(fractions.toSorted((a, b) => a - b));
  expect(fractions.at(-1)).toBe(1);
});

it.each<[string, (problem: OdeProblem<number[], number[]>, signal: AbortSignal) => unknown]>([
  ["gradient", (counted, signal) => gradient(counted, { loss: { final: (u) => u[0] }, signal })],
  ["solveWithPullback", (counted, signal) => solveWithPullback(counted, { saveat: 1, signal })],
  ["sensitivities", (counted, signal) => sensitivities(counted, { saveat: 1, signal })],
])("%s reads and calls nothing where it is aborted already", (_, call) => {
  let calls = 0;
  const rhs = (u: number[], p: number[]): number[] => {
    calls++;
    return [-p[0] * u[0]];
  };
  const counted = odeProblem({ rhs, u0: [1], p: [1], tspan: [0, 1] });
  const made = calls;
  expect(() => call(counted, AbortSignal.abort())).toThrow("Nothing was begun: the signal was aborted.");
  expect(calls).toBe(made);
});
