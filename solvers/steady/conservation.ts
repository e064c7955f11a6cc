/** Linear conservation laws: combinations lᵀu of the state that the right-hand side keeps, lᵀf = 0 wherever the state is. */

/** In whose plane the dynamics stay: orthonormal vectors, n each. */
export interface Invariants {
  /** The laws: those that lᵀf and lᵀJ vanish for. */
  readonly laws: readonly Float64Array[];
  /** What is left of the space: along these the state can change. */
  readonly free: readonly Float64Array[];
}

/**
 * `columns`: the columns of Jacobians, and right-hand sides, at points that have nothing special. Their size plays no part. A column of
 * which less than `rounding` is left, by Gram-Schmidt with reorthogonalisation (Golub and Van Loan, Matrix Computations, 4th ed.,
 * section 5.2.7-8), depends on those before it; the laws are what no column reaches.
 */
export function invariantsOf(n: number, columns: Iterable<Float64Array>, rounding: number): Invariants {
  const free: Float64Array[] = [];
  for (const column of columns) {
    if (free.length === n) break;
    const direction = remainder(unit(column), free, rounding);
    if (direction) free.push(direction);
  }
  const laws: Float64Array[] = [];
  // Of the unit vectors the one of which most is left is far from all that is there.
  for (let missing = n - free.length; missing > 0; missing--) {
    const present = [...free, ...laws];
    const left = Float64Array.from({ length: n }, (_, i) => 1 - present.reduce((sum, q) => sum + q[i] ** 2, 0));
    const most = left.indexOf(left.reduce((max, x) => Math.max(max, x)));
    laws.push(
      remainder(
        Float64Array.from(left, (_, i) => Number(i === most)),
        present,
        0,
      )!,
    );
  }
  return { laws, free };
}

/** What is left of a vector, made one of length 1, without its parts along others; undefined where that is at most `rounding`. */
function remainder(vector: Float64Array, others: readonly Float64Array[], rounding: number): Float64Array | undefined {
  const rest = vector.slice();
  for (let pass = 0; pass < 2; pass++) {
    for (const q of others) {
      const part = dot(q, rest);
      for (let i = 0; i < rest.length; i++) rest[i] -= part * q[i];
    }
    if (pass === 0 && !(norm(rest) > rounding)) return undefined;
  }
  return unit(rest);
}

function unit(vector: Float64Array): Float64Array {
  // By the largest first, so that squares neither vanish nor overflow.
  const largest = vector.reduce((max, x) => Math.max(max, Math.abs(x)), 0);
  if (largest === 0) return vector;
  const scaled = vector.map((x) => x / largest);
  const size = norm(scaled);
  return scaled.map((x) => x / size);
}

export function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i] * b[i];
  return sum;
}

function norm(a: Float64Array): number {
  return Math.sqrt(dot(a, a));
}
