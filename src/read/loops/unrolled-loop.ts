/** Reads each iteration of a loop by itself. */
import { guarded, leaving } from "./exits.ts";
import { unreadable, type Site } from "../state/site.ts";

/** Unrolled, no more than this many. */
const UNROLL_LIMIT = 10_000;

/** Reads each iteration by itself, the next only where the last did not leave. */
export function unrolledLoop(at: Site, count: number, iteration: (i: number) => void, first = 0): void {
  if (count > UNROLL_LIMIT) {
    unreadable(
      at,
      "loop",
      `This loop of ${count} iterations would have to be read iteration by iteration`,
      "Keep what it goes over in one array or ndarray of numbers.",
    );
  }
  for (let i = first; i < count; i++) {
    iteration(i);
    const left = leaving(at.r, at.scope.exits);
    if (left.constant === 1) return;
    if (left.constant === undefined) return guarded(at, at.scope.exits, () => unrolledLoop(at, count, iteration, i + 1));
  }
}
