/** Quantiles of samples. */

/**
 * Between the two nearest of the sorted values, linearly: definition 7 of R. J. Hyndman, Y. Fan, "Sample quantiles in statistical
 * packages", The American Statistician 50 (1996). NaN of none.
 */
export function quantileOf(sorted: Float64Array, part: number): number {
  const position = part * (sorted.length - 1);
  const below = Math.floor(position);
  const weight = position - below;
  return weight === 0 ? (sorted[below] ?? NaN) : sorted[below] + weight * (sorted[below + 1] - sorted[below]);
}
