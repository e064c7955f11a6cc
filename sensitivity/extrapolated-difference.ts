/**
 * Derivatives of a function of one number by differences, extrapolated to distance zero (L. F. Richardson 1911; the choice among
 * the extrapolations by C. J. F. Ridders 1982, "Accurate computation of F'(x) and F'(x) F''(x)").
 */

export interface ExtrapolatedDifference {
  readonly slope: number;
  /** By how much the best two extrapolations differ. */
  readonly error: number;
}

const LEVELS = 5;

/**
 * `at(h)` is the function's value at a distance h from the point, of either sign; one-sided differences take h of `side` alone.
 * The distance begins at `h` and is halved.
 */
export function extrapolatedDifference(at: (h: number) => number, h: number, side?: 1 | -1): ExtrapolatedDifference {
  const centre = side === undefined ? 0 : at(0);
  const difference = (d: number): number =>
    side === undefined ? (at(d) - at(-d)) / (2 * d) : (at(side * d) - centre) / (side * d);
  // Errors are a series in h² about the centre, in h from one side.
  const ratio = side === undefined ? 4 : 2;
  let best: ExtrapolatedDifference = { slope: NaN, error: Infinity };
  let above: number[] = [];
  for (let level = 0; level < LEVELS; level++) {
    const row = [difference(h / 2 ** level)];
    for (let m = 1; m <= level; m++) {
      const factor = ratio ** m;
      row.push((factor * row[m - 1] - above[m - 1]) / (factor - 1));
      const error = Math.max(Math.abs(row[m] - row[m - 1]), Math.abs(row[m] - above[m - 1]));
      if (error <= best.error) best = { slope: row[m], error };
    }
    above = row;
  }
  return best;
}
