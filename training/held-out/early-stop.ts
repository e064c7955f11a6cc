/** Any optimiser, ended where data that it does not see are met no better. */
import type { Iterate, Optimiser } from "../optimisers/optimiser.ts";
import type { Course } from "../objective/descent.ts";
import { counted } from "../../src/core/in-words.ts";

/** Misfits that differ by less, relative to 1 or their size, are the same: solves are no more exact. */
const ALIKE = 1e-6;

/** Where held-out data were met best. */
export interface BestMet {
  readonly x: Float64Array;
  readonly value: number;
  /** Their misfit there, for each observation. */
  readonly heldOut: number;
  /** After so many iterations. */
  readonly iteration: number;
}

interface WatchedIterate extends Iterate {
  readonly heldOut: number;
  readonly iteration: number;
  readonly best: BestMet;
  readonly inner: Iterate;
}

/**
 * `misfitAt` is that of the data that are held out, for each observation; it ends after `patience` iterations in a row behind the one where that
 * was lowest.
 */
export function stoppingEarly(
  optimiser: Optimiser,
  misfitAt: (x: Float64Array) => Promise<number>,
  patience: number,
): Optimiser<WatchedIterate> {
  const seen = async (inner: Iterate, before?: WatchedIterate): Promise<WatchedIterate> => {
    const { x, value, finished, converged } = inner;
    const iteration = before ? before.iteration + 1 : 0;
    const heldOut = await misfitAt(x);
    const isBest = !before || heldOut < before.best.heldOut;
    const best = isBest ? { x, value, heldOut, iteration } : before.best;
    const since = iteration - best.iteration;
    const ended =
      finished ?? (since >= patience ? `held-out data were met no better in ${counted(since, "iteration")}` : undefined);
    return {
      x,
      value,
      heldOut,
      iteration,
      best,
      inner,
      ...(ended !== undefined && { finished: ended, converged: converged === true }),
    };
  };
  return {
    name: optimiser.name,
    settings: optimiser.settings,
    begin: async (objective, x) => seen(await optimiser.begin(objective, x)),
    step: async (objective, state) => seen(await optimiser.step(objective, state.inner), state),
  };
}

/** Where they were met best on the way of such a descent, which says so where that is not its end. */
export function whereMetBest({ state, course }: { readonly state: Iterate; readonly course: Course }): {
  readonly state: Iterate;
  readonly course: Course;
} {
  const { best, heldOut: last } = state as WatchedIterate;
  if (last - best.heldOut <= ALIKE * Math.max(1, Math.abs(last))) return { state, course };
  const { x, value, heldOut } = best;
  const ended = `${course.ended}; what is returned is where held-out data were met best, after ${counted(best.iteration, "iteration")}`;
  return { state: { x, value, heldOut }, course: { ...course, ended } };
}
