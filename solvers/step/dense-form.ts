/**
 * The one form that the dense output of all methods has:
 *
 *   u(θ) = (1 − θ) u₀ + θ (u₁ + (1 − θ) (q₀ + σ q₁ + σ² q₂ + …)),   θ = (t − t₀) / h,   σ = 2θ − 1,
 *
 * which meets u₀ and u₁ exactly. The powers are those of σ, which is zero in the middle of the step: published coefficients of the
 * powers of θ are up to a million and cancel to nothing of that size, which would leave ten digits.
 */

/** For rows of which the j-th goes with θʲ, those that go with the powers of σ. */
export function centred(rows: readonly (readonly number[])[]): readonly (readonly number[])[] {
  const length = Math.max(0, ...rows.map((row) => row.length));
  const centre = rows.map(() => new Array<number>(length).fill(0));
  // θʲ = ((1 + σ) / 2)ʲ, by Horner's rule.
  for (const row of rows.toReversed()) {
    for (let k = rows.length - 1; k >= 0; k--)
      for (let i = 0; i < length; i++) centre[k][i] = (centre[k][i] + (k > 0 ? centre[k - 1][i] : 0)) / 2;
    for (let i = 0; i < length; i++) centre[0][i] += row[i] ?? 0;
  }
  return centre;
}
