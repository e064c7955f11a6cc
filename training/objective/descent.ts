/** From a start to a minimum. */
import { minimise, type Choice, type MinimiseOptions } from "../optimisers/minimise.ts";
import type { Iterate } from "../optimisers/optimiser.ts";
import type { Misfit } from "./misfit.ts";
import { badStart, reasonOf } from "./model.ts";

/** How it was found. */
export interface Course {
  readonly optimiser: string;
  readonly why: string;
  readonly ended: string;
  readonly iterations: number;
  /** How the experiments were solved: one by one, and where there are many why so, or many together. */
  readonly solves: string;
}

/** From x, or from where it was before, to a minimum. Throws BadStart. */
export async function descent(
  misfit: Misfit,
  x: Float64Array,
  { optimiser, why: because }: Choice,
  { maxIterations = 1000, ...told }: Partial<Omit<MinimiseOptions, "optimiser">>,
  from?: { readonly state: Iterate; readonly taken: number },
): Promise<{ readonly state: Iterate; readonly course: Course }> {
  const first = from?.state ?? (await optimiser.begin(misfit, x));
  if (first.value === Infinity) throw badStart(misfit.attempts.failure);
  const options = { ...told, optimiser, maxIterations, taken: from?.taken };
  const { state, iterations, ended } = await minimise(misfit, first, options);
  const { failures, failure } = misfit.attempts;
  const isLost = !state.converged && failures > 0;
  const why = isLost
    ? `${ended}. ${failures} of the points that were tried have no misfit; the last one: ${reasonOf(failure)}`
    : ended;
  return { state, course: { optimiser: optimiser.name, why: because, ended: why, iterations, solves: misfit.how } };
}
