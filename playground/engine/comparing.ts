/** Several methods on one model, each at several tolerances, against a solve that is far more exact than all of them. */
import type { OdeProblem } from "../../src/problem/problem.ts";
import { SolveFailed } from "../../solvers/solution/errors.ts";
import type { Solution } from "../../solvers/solution/solution.ts";
import { methodNamed } from "../../solvers/methods/index.ts";
import { solve } from "../../solvers/solve/solve.ts";
import { COMPARED_AT } from "../shared/solvers.ts";
import type { Run, Setting } from "../shared/protocol.ts";
import { optionsOf } from "./model.ts";
import { faultOf } from "./places.ts";

/** One of each kind, from short to long steps. */
const COMPARED = ["bs3", "tsit5", "vern7", "dop853", "vcabm", "rock4", "rodas5P", "kenCarp4", "radauIIA5", "fbdf"];

/** Of the reference. */
const EXACT = 1e-13;
const TIMES = 50;
/** A method that the model is not for would take minutes. */
const MOST_TIME = 1500;
/** Clocks of pages tick slowly: a solve is repeated until so many milliseconds are over. */
const LONG_ENOUGH = 8;

/** Returns the method of the reference. Throws what `solve` throws. */
export function compared(problem: OdeProblem, asked: Setting, onRun: (run: Run) => void, onProgress: () => void): string {
  const { solver: _solver, ...options } = optionsOf(problem, asked);
  const [t0, t1] = problem.tspan;
  const saveat = Float64Array.from({ length: TIMES }, (_, i) => t0 + ((t1 - t0) * (i + 1)) / TIMES);
  const given = { ...options, saveat, onProgress };
  const reference = solve(problem, { ...given, rtol: EXACT });
  for (const name of COMPARED) {
    for (const rtol of COMPARED_AT) {
      const run = runOf(problem, name, { ...given, rtol, maxTime: MOST_TIME }, reference, asked.text);
      onRun(run);
      // What fails or takes too long would do so the more where more is asked for.
      if (run.failure) break;
    }
  }
  return reference.solver;
}

type SolveGiven = NonNullable<Parameters<typeof solve>[1]>;

function runOf(problem: OdeProblem, name: string, given: SolveGiven, reference: Solution<unknown>, text: string): Run {
  const none = { solver: name, rtol: given.rtol!, milliseconds: NaN, steps: 0, rejected: 0, rhsCalls: 0, error: NaN };
  try {
    const asked = { ...given, solver: methodNamed(name) };
    const { stats, states } = solve(problem, asked);
    const milliseconds = timeOf(() => solve(problem, asked));
    const { steps, rejected, rhsCalls } = stats;
    return { ...none, milliseconds, steps, rejected, rhsCalls, error: differenceOf(states, reference.states) };
  } catch (error) {
    const failure =
      error instanceof SolveFailed && error.name === "OutOfTime" ? `over ${MOST_TIME} ms` : faultOf(error, text).message;
    return { ...none, failure };
  }
}

/** Of one call, once all is compiled. */
function timeOf(work: () => void): number {
  const begun = performance.now();
  let calls = 0;
  let over = 0;
  while (over < LONG_ENOUGH) {
    work();
    calls++;
    over = performance.now() - begun;
  }
  return over / calls;
}

/** The largest, relative to the largest value of the component. */
function differenceOf(states: readonly Float64Array[], exact: readonly Float64Array[]): number {
  const sizes = new Float64Array(exact[0].length);
  for (const state of exact) state.forEach((x, i) => (sizes[i] = Math.max(sizes[i], Math.abs(x))));
  let most = 0;
  states.forEach((state, k) =>
    state.forEach((x, i) => {
      if (sizes[i] > 0) most = Math.max(most, Math.abs(x - exact[k][i]) / sizes[i]);
    }),
  );
  return most;
}
