/**
 * Derivatives of a function of one number by differences, extrapolated to distance zero (L. F. Richardson 1911; the choice among
 * the extrapolations by C. J. F. Ridders 1982, "Accurate computation of F'(x) and F'(x) F''(x)").
 */

/** A derivative by extrapolated differences. */
export interface ExtrapolatedDifference {
  readonly slope: number;
  /** By how much the extrapolation differs from those it is made of, and from the best one of the distance before. */
  readonly error: number;
}

/** The largest number of distances: the last is some 30,000 times smaller than the first. */
const DISTANCES = 16;
/** The largest number of distances in an extrapolation, so that those from small ones are free of corners within the large ones. */
const ORDERS = 5;

/**
 * `at(h)` is the function's value at a distance h from the point, of either sign; one-sided differences take h of `side` alone.
 * The distance begins at `h` and is halved until the error is `enough` or less; where it never is, as where `at` is not smooth or
 * known to few digits, the extrapolation of the smallest error is taken.
 */
export function extrapolatedDifference(
  at: (h: number) => number,
  h: number,
  { side, enough = 0 }: { side?: 1 | -1; enough?: number } = {},
): ExtrapolatedDifference {
  const centre = side === undefined ? 0 : at(0);
  const difference = (d: number): number =>
    side === undefined ? (at(d) - at(-d)) / (2 * d) : (at(side * d) - centre) / (side * d);
  // Errors are a series in h² about the centre, in h from one side.
  const ratio = side === undefined ? 4 : 2;
  let best: ExtrapolatedDifference = { slope: NaN, error: Infinity };
  let above: number[] = [];
  let slopeAbove = NaN;
  for (let level = 0; level < DISTANCES && !(best.error <= enough); level++) {
    const row = [difference(h / 2 ** level)];
    let here: ExtrapolatedDifference = { slope: NaN, error: Infinity };
    for (let m = 1; m <= above.length && m < ORDERS; m++) {
      const factor = ratio ** m;
      row.push((factor * row[m - 1] - above[m - 1]) / (factor - 1));
      const error = Math.max(Math.abs(row[m] - row[m - 1]), Math.abs(row[m] - above[m - 1]));
      if (error <= here.error) here = { slope: row[m], error };
    }
    // Extrapolations across a corner agree by chance, but not at two distances.
    const error = Math.max(here.error, Math.abs(here.slope - slopeAbove));
    if (error <= best.error) best = { slope: here.slope, error };
    [above, slopeAbove] = [row, here.slope];
  }
  return best;
}
