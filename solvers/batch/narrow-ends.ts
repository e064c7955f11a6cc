/** Where the steps of each trajectory of a batch end for inputs that act for a short time. */
import type { StepBounds } from "../events/step-bounds.ts";

/** Looks at inputs of all trajectories together, about: of each the fewest, by halvings of its span, where that is more. */
const LOOKS = 2 ** 22;
const [FEWEST, MOST] = [10, 12];

/** Of more trajectories it is looked at so many first. */
const TRIED = 2 ** 11;

export type Ends = StepBounds["ends"];

/** Row by row; where those that are tried have none, nor have the others. `boundsOf`: of the m-th, by so many halvings. */
export function narrowEnds(count: number, boundsOf: (m: number, looks: number) => StepBounds): (m: number) => Ends {
  const looks = Math.max(FEWEST, Math.min(MOST, Math.floor(Math.log2(LOOKS / count))));
  const endsOf = (m: number): Ends => boundsOf(m, looks).ends;
  if (count <= TRIED) return endsOf;
  const isNarrow = Array.from({ length: TRIED }, (_, k) => Math.floor((k * count) / TRIED)).some((m) => endsOf(m) !== undefined);
  return isNarrow ? endsOf : () => undefined;
}
