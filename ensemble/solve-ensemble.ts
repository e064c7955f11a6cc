/** Solves a problem for as many initial states, parameters and time spans as one likes. */
import { ndarray, type NdArray } from "../src/arrays/ndarray.ts";
import { requireRoom } from "../src/core/memory.ts";
import type { AbortSignalLike } from "../src/core/options/abort-signal.ts";
import { checkOptions, type Checks } from "../src/core/options/check.ts";
import { listOf, text } from "../src/core/options/kinds.ts";
import { withinLimits } from "../src/devices/limits.ts";
import { holding, type OdeProblem } from "../src/problem/problem.ts";
import { saveTimes, times as saveatCheck } from "../solvers/solution/save-times.ts";
import type { FailureReason } from "../sensitivity/batch/failure-of.ts";
import type { Failure } from "./chunks/chunk.ts";
import { savedOf } from "./chunks/saved.ts";
import type { Task } from "./chunks/task.ts";
import { givenMembers, membersChecks, settingsOf, type MembersOptions } from "./options.ts";
import type { EnsemblePlan } from "./plan.ts";
import { runChunks } from "./run.ts";
import { begun, ended, merged, reducersCheck } from "./reducers/checked.ts";
import type { Reduced, Reducers } from "./reducers/reducer.ts";

export type { EnsembleProgress } from "./options.ts";

/** What `solveEnsemble` takes. */
export interface EnsembleOptions<U, P, R extends Reducers = Reducers> extends MembersOptions<U, P> {
  /** Times at which states are kept or reduced, as in `solve`. Default: the end, of each trajectory its own. */
  readonly saveat?: number | ArrayLike<number>;
  /** The components to keep or to reduce, by their names, a part's name for all of it, as in `solve`. Default: all. */
  readonly save?: readonly string[];
  /** What the states are reduced to on the way, by names of yours: { average: mean(), bands: quantiles([0.05, 0.95]) }; no states are kept then. */
  readonly reduce?: R;
}

const checks: Checks<EnsembleOptions<unknown, unknown>> = {
  ...membersChecks,
  saveat: saveatCheck,
  save: listOf(text),
  reduce: reducersCheck,
};

/** What was solved. */
export interface EnsembleSolution<R extends Reducers = Reducers> {
  /** Times saved, [K]. NaN for the end of trajectories whose `vary` gives time spans. */
  readonly t: Float64Array;
  /** Names of the components that are kept, [n]. */
  readonly names: readonly string[];
  /** States, [trajectories, K, n], NaN from where one failed. Without `reduce`. */
  readonly u?: NdArray<Float64Array>;
  /** What `reduce` asks for, by its names; of the trajectories that succeeded. */
  readonly reduced: Reduced<R>;
  readonly trajectories: number;
  readonly succeeded: number;
  /** Those that failed, in order; of more than 10,000 the first. */
  readonly failures: readonly Failure[];
  /** How many failed for each reason. */
  readonly reasons: Readonly<Partial<Record<FailureReason, number>>>;
  /** Steps taken and rejected, of all. */
  readonly steps: number;
  readonly rejections: number;
  /** Where and how it was solved, and why. */
  readonly plan: EnsemblePlan;
  /** What one must know of these numbers. Empty where there is nothing to say. */
  readonly warnings: readonly string[];
}

/**
 * Solves a problem for many trajectories, chunk by chunk, and keeps their states, or what they are reduced to. One that fails does not disturb
 * the others.
 *
 * @param problem - The problem that they share.
 * @param options - How many, how they differ, what is kept, and how and where they are solved.
 * @returns The states or what they were reduced to, with the failures.
 * @throws What `solveBatch` throws, but for CannotBatch: what batches cannot do is solved one by one.
 * @throws BadVariation, FunctionThrew for a `vary` that is wrong at a trajectory; BadReducer, ReducerThrew.
 * @example
 * const { reduced } = await solveEnsemble(problem, {
 *   trajectories: 100_000,
 *   vary: { "p.a": { uniform: [1, 2] } },
 *   saveat: 0.1,
 *   reduce: { average: mean() },
 * });
 */
export async function solveEnsemble<U, P, R extends Reducers = Readonly<Record<never, never>>>(
  problem: OdeProblem<U, P>,
  options: EnsembleOptions<NoInfer<U>, NoInfer<P>, R>,
): Promise<EnsembleSolution<R>> {
  return holding(problem, "solveEnsemble", (held) => {
    checkOptions(options, checks, "solveEnsemble");
    return withinLimits(options, "solveEnsemble", (signal) => solved(held, options, signal));
  });
}

async function solved<U, P, R extends Reducers>(
  problem: OdeProblem<U, P>,
  options: EnsembleOptions<U, P, R>,
  signal: AbortSignalLike | undefined,
): Promise<EnsembleSolution<R>> {
  const { reduce, save } = options;
  const { members, vary } = givenMembers(problem, options, "solveEnsemble");
  const { trajectories, base } = members;
  const { u } = problem.layout;
  const times = Float64Array.from(saveTimes(options.saveat ?? [base.tspan[1]], ...base.tspan, u.size));
  const atEnd = options.saveat === undefined;
  const saved = savedOf(problem as OdeProblem, { times, save });
  const n = saved.names.length;
  const width = times.length * n;
  if (!reduce) {
    requireRoom(
      `solveEnsemble: ${trajectories} trajectories at ${times.length} times of ${n} numbers`,
      trajectories,
      width,
      (most) => `Give ${most} trajectories at most, save fewer times, or reduce them: reduce: { average: mean() }.`,
    );
  }
  const task: Task = {
    members,
    times,
    atEnd,
    settings: settingsOf(options),
    ...(save && { save }),
    ...(reduce && { reducers: reduce }),
  };
  const states = reduce ? undefined : new Float64Array(trajectories * width);
  const parts = reduce && begun(reduce, saved);
  const {
    counts: { endedEarly, ...counts },
    plan,
  } = await runChunks({
    problem: problem as OdeProblem,
    task,
    vary,
    options,
    numbers: times.length * u.size,
    kept: (count) => (parts ? Object.values(parts).reduce((sum, { length }) => sum + length, 0) : count * width),
    signal,
    merge(result, { first }) {
      if (atEnd && result.ownSpans) times[0] = NaN;
      states?.set(result.states!, first * width);
      if (parts) merged(reduce, parts, result.parts!);
    },
  });
  return {
    ...saved,
    ...(states && { u: ndarray(states, [trajectories, times.length, n]) }),
    reduced: (parts ? ended(reduce, parts, saved) : {}) as Reduced<R>,
    trajectories,
    ...counts,
    warnings: [...counts.warnings, ...(reduce ? endedWarning(endedEarly, counts.succeeded, times.at(-1)!) : [])],
    plan,
  };
}

/** What is reduced leaves out the times that a trajectory did not come to. */
function endedWarning(endedEarly: number, succeeded: number, last: number): string[] {
  if (endedEarly === 0) return [];
  return [
    `${endedEarly} of ${succeeded} trajectories that succeeded were ended by an event before ${Number.isNaN(last) ? "their last time" : `t = ${last}, the last time`}: what is reduced ` +
      "at a time is of those alone that came to it. Save the states (without reduce) to see which, or let the event hold the state in place of ending it.",
  ];
}
