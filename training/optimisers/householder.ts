/** Linear least squares by Householder reflections (G. H. Golub, C. F. Van Loan, Matrix Computations, 4th ed., algorithm 5.2.1). */

/** The triangular factor R of a matrix [m, n], m >= n, row-major [n, n], and the first n entries of Qᵀb. Changes neither argument. */
export function triangular(matrix: Float64Array, b: Float64Array, n: number): { r: Float64Array; qtb: Float64Array } {
  const m = b.length;
  const a = matrix.slice();
  const y = b.slice();
  for (let k = 0; k < n; k++) {
    let norm = 0;
    for (let i = k; i < m; i++) norm = Math.hypot(norm, a[i * n + k]);
    if (norm === 0) continue;
    const alpha = a[k * n + k] > 0 ? -norm : norm;
    a[k * n + k] -= alpha;
    let square = 0;
    for (let i = k; i < m; i++) square += a[i * n + k] ** 2;
    for (let j = k + 1; j < n; j++) {
      let dot = 0;
      for (let i = k; i < m; i++) dot += a[i * n + k] * a[i * n + j];
      for (let i = k; i < m; i++) a[i * n + j] -= (2 * dot * a[i * n + k]) / square;
    }
    let dot = 0;
    for (let i = k; i < m; i++) dot += a[i * n + k] * y[i];
    for (let i = k; i < m; i++) y[i] -= (2 * dot * a[i * n + k]) / square;
    a[k * n + k] = alpha;
    for (let i = k + 1; i < m; i++) a[i * n + k] = 0;
  }
  return { r: a.slice(0, n * n), qtb: y.slice(0, n) };
}

/** x of R x = y; components whose pivot is zero are zero. */
export function backSubstitute(r: Float64Array, y: Float64Array): Float64Array {
  const n = y.length;
  const x = new Float64Array(n);
  for (let i = n - 1; i >= 0; i--) {
    let sum = y[i];
    for (let j = i + 1; j < n; j++) sum -= r[i * n + j] * x[j];
    x[i] = r[i * n + i] === 0 ? 0 : sum / r[i * n + i];
  }
  return x;
}
