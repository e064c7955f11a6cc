/** Points near the start of a problem, away from kinks that the start itself lies on. */
import { pseudoRandom } from "./pseudo-random.ts";
import { sizesOf, stateSizes } from "./sizes.ts";

export interface Point {
  readonly u0: Float64Array;
  readonly p: Float64Array;
}

const POINTS = 3;
/** Relative to the sizes of what is moved. */
const DISTANCE = 1e-3;

export function pointsNear({ u0, p }: Point): Point[] {
  const random = pseudoRandom();
  const moved = (x: Float64Array, sizes: Float64Array): Float64Array =>
    x.map((value, i) => value + DISTANCE * random() * sizes[i]);
  return Array.from({ length: POINTS }, () => ({ u0: moved(u0, stateSizes(u0)), p: moved(p, sizesOf(p)) }));
}
