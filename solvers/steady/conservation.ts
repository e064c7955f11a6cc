/** Linear conservation laws: combinations lᵀu of the state that the right-hand side keeps, lᵀf = 0 wherever the state is. */

/**
 * Orthonormal laws, n numbers each. `columns`: those of Jacobians, and right-hand sides, at points that have nothing special; their size
 * plays no part. One after the other, that of which most is left is taken out of the others, by Gram-Schmidt with pivoting and
 * reorthogonalisation (Golub and Van Loan, Matrix Computations, 4th ed., sections 5.2.7-8 and 5.4.2), until no more than `rounding` is left
 * of any; the laws are what no column reaches.
 */
export function conservationLaws(n: number, columns: readonly Float64Array[], rounding: number): Float64Array[] {
  const free: Float64Array[] = [];
  for (let rests = columns.map(unit); free.length < n;) {
    const sizes = new Map(rests.map((rest) => [rest, norm(rest)]));
    rests = rests.filter((rest) => sizes.get(rest)! > rounding);
    if (rests.length === 0) break;
    const direction = remainder(
      rests.reduce((most, rest) => (sizes.get(rest)! > sizes.get(most)! ? rest : most)),
      free,
    );
    free.push(direction);
    for (const rest of rests) takeOut(rest, direction);
  }
  const laws: Float64Array[] = [];
  // Of the unit vectors the one of which most is left is far from all that is there.
  while (free.length + laws.length < n) {
    const present = [...free, ...laws];
    const left = Float64Array.from({ length: n }, (_, i) => 1 - present.reduce((sum, q) => sum + q[i] ** 2, 0));
    const most = left.indexOf(left.reduce((max, x) => Math.max(max, x)));
    laws.push(
      remainder(
        left.map((_, i) => Number(i === most)),
        present,
      ),
    );
  }
  return laws.map((law) => law.map((x) => (Math.abs(x) > NOTHING ? x : 0)));
}

/** Of vectors of length 1, what rounding leaves of a component that is zero. */
const NOTHING = 2 ** -50;

/** What is left of a vector without its parts along others, made one of length 1. */
function remainder(vector: Float64Array, others: readonly Float64Array[]): Float64Array {
  const rest = vector.slice();
  for (let pass = 0; pass < 2; pass++) for (const q of others) takeOut(rest, q);
  return unit(rest);
}

function takeOut(vector: Float64Array, q: Float64Array): void {
  const part = dot(q, vector);
  for (let i = 0; i < vector.length; i++) vector[i] -= part * q[i];
}

function unit(vector: Float64Array): Float64Array {
  // By the largest first, so that squares neither vanish nor overflow.
  const largest = vector.reduce((max, x) => Math.max(max, Math.abs(x)), 0);
  if (largest === 0) return vector;
  const scaled = vector.map((x) => x / largest);
  const size = norm(scaled);
  return scaled.map((x) => x / size);
}

function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i] * b[i];
  return sum;
}

function norm(a: Float64Array): number {
  return Math.sqrt(dot(a, a));
}
