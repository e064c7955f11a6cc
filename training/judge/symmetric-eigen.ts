/** Eigenvalues and eigenvectors of a symmetric matrix, by Jacobi's rotations (G. H. Golub, C. F. Van Loan, 4th ed., algorithm 8.5.3). */
export function symmetricEigen(matrix: Float64Array, n: number): { values: number[]; vectors: Float64Array[] } {
  const a = matrix.slice();
  const v = new Float64Array(n * n);
  for (let i = 0; i < n; i++) v[i * n + i] = 1;
  const rotate = (m: Float64Array, i: number, j: number, c: number, s: number): void => {
    const [x, y] = [m[i], m[j]];
    m[i] = c * x - s * y;
    m[j] = s * x + c * y;
  };
  const MOST_SWEEPS = 60;
  for (let sweep = 0; sweep < MOST_SWEEPS; sweep++) {
    let isDiagonal = true;
    for (let p = 0; p < n; p++) {
      for (let q = p + 1; q < n; q++) {
        const off = a[p * n + q];
        if (Math.abs(off) <= 1e-18 * Math.sqrt(Math.abs(a[p * n + p] * a[q * n + q])) || off === 0) continue;
        isDiagonal = false;
        const theta = (a[q * n + q] - a[p * n + p]) / (2 * off);
        const t = Math.sign(theta || 1) / (Math.abs(theta) + Math.hypot(theta, 1));
        const c = 1 / Math.hypot(t, 1);
        const s = t * c;
        for (let k = 0; k < n; k++) rotate(a, k * n + p, k * n + q, c, s);
        for (let k = 0; k < n; k++) rotate(a, p * n + k, q * n + k, c, s);
        for (let k = 0; k < n; k++) rotate(v, k * n + p, k * n + q, c, s);
      }
    }
    if (isDiagonal) break;
  }
  const values = Array.from({ length: n }, (_, i) => a[i * n + i]);
  const vectors = values.map((_, j) => Float64Array.from({ length: n }, (__, i) => v[i * n + j]));
  return { values, vectors };
}
