/** How far training has come, as plain data: what is needed to go on with the same numbers. */
import { isObject } from "../../src/core/options/check.ts";
import { BadTrainingOption } from "../optimisers/errors.ts";
import type { Averages } from "../optimisers/first-order.ts";

/** What `train` goes on from; JSON holds all of it. */
export interface Checkpoint {
  readonly step: number;
  /** What was trained, by name. */
  readonly names: readonly string[];
  readonly optimiser: string;
  readonly seed: number;
  /** On the scales that the optimiser moves. */
  readonly x: readonly number[];
  readonly first: readonly number[];
  readonly second: readonly number[];
  /** How often held-out data were looked at since they were met best. */
  readonly failures: number;
  readonly best?: { readonly value: number; readonly x: readonly number[] };
}

/** The same as training has it. */
export interface Course {
  readonly step: number;
  readonly x: Float64Array;
  readonly averages: Averages;
  readonly failures: number;
  readonly best?: { readonly value: number; readonly x: Float64Array };
}

/** What training is of. */
export type Made = Pick<Checkpoint, "names" | "optimiser" | "seed">;

export function checkpointOf({ step, x, averages, failures, best }: Course, made: Made): Checkpoint {
  return {
    step,
    ...made,
    x: [...x],
    first: [...averages.first],
    second: [...averages.second],
    failures,
    ...(best && { best: { value: best.value, x: [...best.x] } }),
  };
}

/** Throws {@link BadTrainingOption} where it is of other training. */
export function resumed(checkpoint: Checkpoint, made: Made): Course {
  if (!isObject(checkpoint) || !Array.isArray(checkpoint.x) || !Number.isInteger(checkpoint.step)) {
    throw new BadTrainingOption("train: `resume` is no checkpoint. Give what `onCheckpoint` got, or `checkpoint` of a result.");
  }
  const { step, x, first, second, failures, best } = checkpoint;
  for (const key of ["names", "optimiser", "seed"] as const) {
    if (JSON.stringify(checkpoint[key]) === JSON.stringify(made[key])) continue;
    throw new BadTrainingOption(
      `train: \`resume\` is of other training: its ${key} ${key === "names" ? "of parameters are" : "is"} ${inShort(checkpoint[key])}, and not ${inShort(made[key])}.`,
    );
  }
  return {
    step,
    x: Float64Array.from(x),
    averages: { first: Float64Array.from(first), second: Float64Array.from(second), steps: step },
    failures,
    ...(best && { best: { value: best.value, x: Float64Array.from(best.x) } }),
  };
}

function inShort(value: unknown): string {
  const text = Array.isArray(value) ? value.join(", ") : String(value);
  return text.length > 60 ? `${text.slice(0, 60)}…` : text;
}
