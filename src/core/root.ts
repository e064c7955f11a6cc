/** Roots of functions of one variable, to rounding. */

/** A place, and what the function gives there. */
export interface Sample {
  readonly t: number;
  readonly value: number;
}

/** Bisection alone would do by then. */
export const MOST = 200;
/** Of the larger of the bracket's ends: to rounding; and of its length, for a root at zero. */
export const ULP = 2 ** -52;
export const SHORTEST = 2 ** -80;

/**
 * The root between two samples of different signs, by inverse quadratic interpolation where that converges and by bisection elsewhere
 * (Chandrupatla 1997, "A new hybrid quadratic/bisection algorithm for finding the zero of a nonlinear function without using
 * derivatives"). Of the two neighbouring numbers that remain it is the one at which the function is smaller.
 */
export function rootBetween(valueAt: (t: number) => number, first: Sample, last: Sample): Sample {
  const shortest = SHORTEST * Math.abs(last.t - first.t);
  // The latest sample, the one on the other side of the root, and the one that was dropped.
  let [a, b, c] = [last, first, last];
  let part = 0.5;
  for (let k = 0; k < MOST; k++) {
    const t = a.t + part * (b.t - a.t);
    const here = { t, value: valueAt(t) };
    if (Math.sign(here.value) === Math.sign(a.value)) c = a;
    else [b, c] = [a, b];
    a = here;
    const best = Math.abs(b.value) < Math.abs(a.value) ? b : a;
    const least = (ULP * Math.max(Math.abs(a.t), Math.abs(b.t)) + shortest) / Math.abs(b.t - a.t);
    if (best.value === 0 || !(least < 0.5)) return best;
    part = Math.min(1 - least, Math.max(least, interpolated(a, b, c)));
  }
  return a;
}

/** The part of the way from a to b. */
function interpolated(a: Sample, b: Sample, c: Sample): number {
  const xi = (a.t - b.t) / (c.t - b.t);
  const phi = (a.value - b.value) / (c.value - b.value);
  if (!(phi ** 2 < xi && (1 - phi) ** 2 < 1 - xi)) return 0.5;
  const byB = (a.value / (b.value - a.value)) * (c.value / (b.value - c.value));
  const byC = ((c.t - a.t) / (b.t - a.t)) * (a.value / (c.value - a.value)) * (b.value / (c.value - b.value));
  const part = byB + byC;
  return Number.isFinite(part) ? part : 0.5;
}
