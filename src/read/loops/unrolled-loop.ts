/** Loops each iteration of which is read by itself. */
import { guarded, leaving } from "./exits.ts";
import { unreadable, type Site } from "../state/site.ts";

/** Turn by turn, no more than this many. */
const UNROLL_LIMIT = 10_000;

/** Reads each turn by itself, the next only where the last did not leave. */
export function turnByTurn(at: Site, count: number, turn: (i: number) => void, first = 0): void {
  if (count > UNROLL_LIMIT) {
    unreadable(
      at,
      "loop",
      `This loop of ${count} turns would have to be read turn by turn`,
      "Keep what it goes over in one array or ndarray of numbers.",
    );
  }
  for (let i = first; i < count; i++) {
    turn(i);
    const left = leaving(at.r, at.scope.exits);
    if (left.constant === 1) return;
    if (left.constant === undefined) return guarded(at, at.scope.exits, () => turnByTurn(at, count, turn, i + 1));
  }
}
