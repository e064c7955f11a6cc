/** Steps of an optimiser, with their progress told. */
import type { Iterate, Objective, Optimiser } from "../../training/optimisers/optimiser.ts";
import { tellProgress } from "./progress.ts";

/** What is to be trained: from where, and why a point has no value. */
interface Trainable extends Objective {
  readonly start: Float64Array;
  readonly failure: unknown;
}

export interface Course {
  readonly state: Iterate;
  /** Before the first step, and the lowest so far after each. */
  readonly losses: readonly number[];
  readonly ended: string;
}

/** Throws why there is no value at the start. */
export async function trained(
  objective: Trainable,
  optimiser: Optimiser,
  steps: number,
  deadline: { readonly isOver: boolean } | undefined,
): Promise<Course> {
  let state = await optimiser.begin(objective, objective.start);
  if (state.value === Infinity) throw objective.failure;
  const losses = [state.value];
  const progress = tellProgress(steps);
  for (let k = 1; k <= steps && !state.finished && !deadline?.isOver; k++) {
    state = await optimiser.step(objective, state);
    losses.push(state.value);
    progress.step(k, state.value);
  }
  progress.end();
  const ended = state.finished ?? (losses.length > steps ? `all ${steps} steps were taken` : "the time was over");
  return { state, losses, ended };
}
