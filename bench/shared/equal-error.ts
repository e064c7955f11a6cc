/** What an error costs: equal tolerances do not give equal errors, so times are compared where the errors are the same. */

export interface Point {
  readonly seconds: number;
  readonly error: number;
}

/**
 * Seconds to reach `error`, by a straight line on logarithmic axes between measured points none of which another beats in both. The
 * fastest point's where it is more accurate than that; undefined where none is so accurate.
 */
export function secondsAt(error: number, points: readonly Point[]): number | undefined {
  const front = points.filter((point) => !points.some((other) => beats(other, point))).sort((a, b) => b.error - a.error);
  const next = front.findIndex((point) => point.error <= error);
  if (next <= 0) return front[next]?.seconds;
  const [a, b] = [front[next - 1], front[next]];
  const share = Math.log(error / a.error) / Math.log(b.error / a.error);
  return a.seconds * (b.seconds / a.seconds) ** share;
}

function beats(a: Point, b: Point): boolean {
  return a.seconds <= b.seconds && a.error <= b.error && (a.seconds < b.seconds || a.error < b.error);
}
