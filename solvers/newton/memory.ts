/** What Newton iterations keep from try to try, in a step's cache: a Jacobian, the factors of the matrix made with it, and how well they serve. */
import type { Slice } from "../step/builder.ts";
import { sizeOfValues, type Linearization } from "../step/factorized-system.ts";
import { alone, type Coupling } from "./coupling.ts";
import { sizeOfStageFactors } from "./decoupled.ts";

/**
 * `isThere`: 1 where there is a matrix; `d`: what it was made with; `age`: the steps begun since J was evaluated, the last of them at
 * `time`; `slowest`: the greatest θ, by which an iteration shrank the change, since then; `convergence`: θ / (1 − θ) of the last one,
 * or, where no matrix is formed, θ over the change before it.
 */
const SCALARS = ["isThere", "d", "age", "time", "slowest", "convergence"] as const;
type Scalar = (typeof SCALARS)[number];

export interface NewtonMemory extends Record<Scalar, Slice> {
  /** J's values, and the factors of the iterations' matrix. */
  readonly values: Slice;
  readonly factors: Slice;
}

export function newtonMemorySize(jacobian: Linearization, coupling: Coupling = alone): number {
  return SCALARS.length + sizeOfValues(jacobian) + sizeOfStageFactors(jacobian, coupling);
}

/** It lies in this array, from its beginning. */
export function newtonMemory({ array }: Slice, jacobian: Linearization): NewtonMemory {
  const from = (offset: number): Slice => ({ array, offset });
  const scalars = Object.fromEntries(SCALARS.map((name, i) => [name, from(i)])) as Record<Scalar, Slice>;
  return { ...scalars, values: from(SCALARS.length), factors: from(SCALARS.length + sizeOfValues(jacobian)) };
}
