/** Steps of an optimiser, with their progress told. */
import { minimise } from "../../training/optimisers/minimise.ts";
import type { Iterate, Objective, Optimiser } from "../../training/optimisers/optimiser.ts";
import { tellProgress, tenth } from "./progress.ts";

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
  const first = await optimiser.begin(objective, objective.start);
  if (first.value === Infinity) throw objective.failure;
  const losses = [first.value];
  const progress = tellProgress({ value: "loss", nameOf: (k) => `step ${k} of ${steps}`, isDue: tenth(steps) });
  const { state, iterations } = await minimise(objective, first, {
    optimiser,
    maxIterations: steps,
    onProgress({ iteration, value }) {
      losses.push(value);
      progress.step(iteration, value);
    },
    isOver: () => deadline?.isOver ?? false,
  });
  progress.end();
  const ended = state.finished ?? (iterations === steps ? `all ${steps} steps were taken` : "the time was over");
  return { state, losses, ended };
}
