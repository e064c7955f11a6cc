/** Which unknowns a singular system leaves undetermined, for messages: elimination with complete pivoting. */

/** Of the largest entry, what is left of rows that depend on others. */
const RANK = 1e-12;

/** x of A x = 0, of length one where A is singular by its scaled entries; `matrix`: rows, which are used up. */
export function nullVector(matrix: Float64Array[]): Float64Array {
  const n = matrix.length;
  const columns = Array.from({ length: n }, (_, j) => j);
  for (const row of matrix) {
    const largest = row.reduce((most, x) => Math.max(most, Math.abs(x)), 0);
    if (largest > 0) row.forEach((x, j) => (row[j] = x / largest));
  }
  let rank = 0;
  for (; rank < n; rank++) {
    let [best, at, of] = [RANK, -1, -1];
    for (let i = rank; i < n; i++) {
      for (let j = rank; j < n; j++) {
        const size = Math.abs(matrix[i][columns[j]]);
        if (size > best) [best, at, of] = [size, i, j];
      }
    }
    if (at < 0) break;
    [matrix[rank], matrix[at]] = [matrix[at], matrix[rank]];
    [columns[rank], columns[of]] = [columns[of], columns[rank]];
    for (let i = rank + 1; i < n; i++) {
      const factor = matrix[i][columns[rank]] / matrix[rank][columns[rank]];
      for (let j = rank; j < n; j++) matrix[i][columns[j]] -= factor * matrix[rank][columns[j]];
    }
  }
  const x = new Float64Array(n);
  x[columns[Math.min(rank, n - 1)]] = 1;
  for (let i = Math.min(rank, n - 1) - 1; i >= 0; i--) {
    let sum = 0;
    for (let j = i + 1; j < n; j++) sum -= matrix[i][columns[j]] * x[columns[j]];
    x[columns[i]] = sum / matrix[i][columns[i]];
  }
  const length = Math.hypot(...x);
  return x.map((value) => value / length);
}
