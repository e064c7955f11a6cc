/** A fit from one of many starts. */
import { OdegradError } from "../../src/core/errors.ts";
import type { OdeProblem } from "../../src/problem/problem.ts";
import type { Observations } from "../data/observations.ts";
import { modelOf, type ModelOptions } from "../objective/model.ts";
import { descent, type Course } from "../objective/descent.ts";
import { optimiserFor } from "../optimisers/minimise.ts";
import type { Optimiser } from "../optimisers/optimiser.ts";
import type { StartedFit } from "../starts/starts.ts";
import type { Agreement } from "./agreement.ts";

export interface StartJob {
  readonly model: ModelOptions;
  readonly maxIterations?: number;
  /** Not where the job is sent. */
  readonly optimiser?: Optimiser;
  readonly index: number;
  /** The parameters. */
  readonly start: Float64Array;
  readonly agreement?: Agreement;
}

export interface StartResult {
  readonly fit: StartedFit;
  /** Where it ended, on the scales; absent where it failed. */
  readonly x?: Float64Array;
  readonly course?: Course;
}

export async function startJob(
  problem: OdeProblem,
  data: Observations | readonly Observations[],
  { model, maxIterations, optimiser, index, start }: StartJob,
): Promise<StartResult> {
  // Each counts its own evaluations.
  const { misfit, free } = modelOf("multiStart", problem, data, model);
  try {
    const { state, course } = await descent(misfit, free.placeOf(start), optimiserFor(free.list.length, optimiser), {
      maxIterations,
    });
    const { value, x, converged = false } = state;
    const { ended, iterations } = course;
    const { count: evaluations } = misfit.attempts;
    const fit = { index, start, parameters: free.valuesAt(x), value, converged, ended, iterations, evaluations };
    return { fit, x, course };
  } catch (failure) {
    if (!(failure instanceof OdegradError) || model.signal?.aborted) throw failure;
    const ended = `${failure.name}: ${failure.message}`;
    const { count: evaluations } = misfit.attempts;
    return { fit: { index, start, value: Infinity, converged: false, ended, iterations: 0, evaluations } };
  }
}
