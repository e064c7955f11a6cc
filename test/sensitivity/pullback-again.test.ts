/** A pullback that did not come to its end, or that others were computed within, leaves nothing behind: called again it gives the same. */
import { describe, expect, it, onTestFinished, vi } from "vitest";
import {
  AdjointAborted,
  AdjointOutOfTime,
  checkGradient,
  explain,
  gradient,
  odeProblem,
  sensitivities,
  solve,
  solveWithPullback,
  tsit5,
  type GradientProgress,
  type PullbackOptions,
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
  events: { at: [3, 5], apply: (u, p) => void (u.prey += 0.1 * p.a) },
});

const reverse = adjointsThat(({ mode }) => mode === "reverse");
const cases: Record<string, { adjoint: string; memoryBudget?: number }> = {
  ...Object.fromEntries(reverse.map((adjoint) => [adjoint, { adjoint }])),
  "discrete with checkpoints": { adjoint: "discrete", memoryBudget: 2 ** 12 },
};

/** Something that happens once, on the backward pass, after so many calls of onProgress. */
function interrupted(
  options: { adjoint: string; memoryBudget?: number },
  more: Pick<PullbackOptions, "maxTime" | "signal"> = {},
) {
  let happening: ((progress: GradientProgress) => void) | undefined;
  const { pullback, solution } = solveWithPullback(problem, {
    ...options,
    ...more,
    saveat: 0.5,
    wrt: ["p", "u0", "t0"],
    solver: tsit5(),
    rtol: 1e-8,
    atol: 1e-8,
    onProgress: (progress) => happening?.(progress),
  });
  const cotangents = solution.u.map(({ prey }, i) => ({ prey: prey - 1, predator: i / 10 }));
  return {
    pulled: () => pullback(cotangents),
    /** At the k-th time that the backward pass tells how far it is. */
    at(k: number, happens: (progress: GradientProgress) => void): void {
      let told = 0;
      happening = (progress) => {
        if (progress.phase !== "backward" || ++told <= k) return;
        happening = undefined;
        happens(progress);
      };
    },
    /** How often the backward pass tells. */
    count(): number {
      let told = 0;
      happening = ({ phase }) => void (told += Number(phase === "backward"));
      pullback(cotangents);
      happening = undefined;
      return told;
    },
  };
}

class Enough extends Error {}

describe.each(Object.keys(cases))("%s", (name) => {
  it("stopped by what onProgress throws, early, midway and late", () => {
    const { pulled, at, count } = interrupted(cases[name]);
    const expected = pulled();
    expect(Object.values(expected.p!).every((x) => Math.abs(x) > 1e-3)).toBe(true);
    const times = count();
    expect(times).toBeGreaterThan(2);
    for (const k of new Set([0, 1, times >> 1, times - 1])) {
      at(k, () => {
        throw new Enough();
      });
      expect(pulled).toThrow(Enough);
      expect(pulled()).toEqual(expected);
    }
  });

  it("stopped in its first call", () => {
    const { pulled, at } = interrupted(cases[name]);
    at(1, () => {
      throw new Enough();
    });
    expect(pulled).toThrow(Enough);
    expect(pulled()).toEqual(interrupted(cases[name]).pulled());
  });

  it("stopped for want of time, and given as much again", () => {
    const { pulled, at } = interrupted(cases[name], { maxTime: 1e6 });
    const expected = pulled();
    const now = performance.now.bind(performance);
    let later = 0;
    vi.spyOn(performance, "now").mockImplementation(() => now() + later);
    onTestFinished(() => void vi.restoreAllMocks());
    at(1, () => void (later = 2e6));
    expect(pulled).toThrow(AdjointOutOfTime);
    expect(pulled()).toEqual(expected);
  });

  it("aborted, it stays so and never gives numbers", () => {
    const controller = new AbortController();
    const { pulled, at } = interrupted(cases[name], { signal: controller.signal });
    at(1, () => controller.abort());
    expect(pulled).toThrow(AdjointAborted);
    expect(pulled).toThrow(AdjointAborted);
  });

  it("computed while others are: itself, gradients of the same problem, solves, checks", () => {
    const { pulled, at } = interrupted(cases[name]);
    const expected = pulled();
    const loss = { final: (u: State, p: Parameters) => u.prey * p.a };
    const alone = gradient(problem, { ...cases[name], loss });
    for (const happens of [
      () => expect(pulled()).toEqual(expected),
      () => expect(gradient(problem, { ...cases[name], loss }).flat).toEqual(alone.flat),
      () => solve(problem, { saveat: 1 }),
      () => sensitivities(problem, { saveat: 1 }),
      () => explain(problem, { loss }),
      () => expect(checkGradient(problem, { ...cases[name], loss }).passed).toBe(true),
    ]) {
      let happened = false;
      at(1, () => {
        happens();
        happened = true;
      });
      expect(pulled()).toEqual(expected);
      expect(happened).toBe(true);
    }
  });
});
