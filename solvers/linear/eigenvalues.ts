/**
 * Eigenvalues of a small dense matrix: balanced (Parlett and Reinsch 1969, Numer. Math. 13, 293-304), reduced to Hessenberg form by
 * Householder reflections, and then by the QR iteration with Wilkinson's shift in complex numbers (Golub and Van Loan, Matrix
 * Computations, 4th ed., sections 7.4 and 7.5).
 */
export interface Complex {
  readonly re: number;
  readonly im: number;
}

export interface Spectrum {
  readonly values: readonly Complex[];
  /** What rounding may have done to them, about. */
  readonly error: number;
}

const EPSILON = 2 ** -52;
/** For each eigenvalue; a handful is usual. */
const MOST_ITERATIONS = 60;

/** Of the n by n matrix whose entry (i, j) is a[i * n + j]; undefined where the iterations do not converge, or an entry is not finite. */
export function eigenvalues(matrix: Float64Array, n: number): Spectrum | undefined {
  if (!matrix.every(Number.isFinite)) return undefined;
  const a = matrix.slice();
  balance(a, n);
  const error = 4 * n * EPSILON * Math.sqrt(a.reduce((sum, x) => sum + x * x, 0));
  toHessenberg(a, n);
  const values = new Iteration(a, n).run();
  return values && { values, error };
}

/** Scales rows and columns by powers of two until both are of about the same size. */
function balance(a: Float64Array, n: number): void {
  for (let changed = true; changed;) {
    changed = false;
    for (let i = 0; i < n; i++) {
      let [row, column] = [0, 0];
      for (let j = 0; j < n; j++) {
        if (j === i) continue;
        row += Math.abs(a[i * n + j]);
        column += Math.abs(a[j * n + i]);
      }
      if (row === 0 || column === 0) continue;
      const scale = 2 ** Math.round(Math.log2(row / column) / 2);
      if (!(column * scale + row / scale < 0.95 * (row + column))) continue;
      changed = true;
      for (let j = 0; j < n; j++) {
        a[i * n + j] /= scale;
        a[j * n + i] *= scale;
      }
    }
  }
}

function toHessenberg(a: Float64Array, n: number): void {
  const v = new Float64Array(n);
  for (let k = 0; k < n - 2; k++) {
    let size = 0;
    for (let i = k + 1; i < n; i++) size = Math.hypot(size, a[i * n + k]);
    if (size === 0) continue;
    for (let i = k + 1; i < n; i++) v[i] = a[i * n + k] / size;
    v[k + 1] += v[k + 1] < 0 ? -1 : 1;
    let square = 0;
    for (let i = k + 1; i < n; i++) square += v[i] * v[i];
    for (let j = 0; j < n; j++) {
      let sum = 0;
      for (let i = k + 1; i < n; i++) sum += v[i] * a[i * n + j];
      for (let i = k + 1; i < n; i++) a[i * n + j] -= ((2 * sum) / square) * v[i];
    }
    for (let i = 0; i < n; i++) {
      let sum = 0;
      for (let j = k + 1; j < n; j++) sum += a[i * n + j] * v[j];
      for (let j = k + 1; j < n; j++) a[i * n + j] -= ((2 * sum) / square) * v[j];
    }
    for (let i = k + 2; i < n; i++) a[i * n + k] = 0;
  }
}

/** On an upper Hessenberg matrix, from its last row up. */
class Iteration {
  private readonly im: Float64Array;
  /** Of the rotations of a sweep: cosine, and sine as a complex number. */
  private readonly c: Float64Array;
  private readonly s: Float64Array;

  constructor(
    private readonly re: Float64Array,
    private readonly n: number,
  ) {
    this.im = new Float64Array(n * n);
    this.c = new Float64Array(n);
    this.s = new Float64Array(2 * n);
  }

  run(): Complex[] | undefined {
    const { re, im, n } = this;
    const found: Complex[] = [];
    let iterations = 0;
    for (let last = n - 1; last >= 0;) {
      const first = this.beginOfBlock(last);
      if (first === last) {
        const at = last * n + last;
        found.push({ re: re[at], im: im[at] });
        last--;
        iterations = 0;
      } else {
        if (++iterations > MOST_ITERATIONS) return undefined;
        this.sweep(first, last, this.shift(last, iterations));
      }
    }
    return found;
  }

  /** Of the block that ends with this row: what is above and left of it is split off where a subdiagonal entry is nothing. */
  private beginOfBlock(last: number): number {
    const { re, im, n } = this;
    for (let k = last; k > 0; k--) {
      const [at, above, here] = [k * n + k - 1, (k - 1) * n + k - 1, k * n + k];
      const around = Math.hypot(re[above], im[above]) + Math.hypot(re[here], im[here]);
      if (Math.hypot(re[at], im[at]) > EPSILON * around) continue;
      re[at] = im[at] = 0;
      return k;
    }
    return 0;
  }

  /** The eigenvalue of the last two rows and columns that is nearest to the last entry; now and then another, against going in circles. */
  private shift(last: number, iterations: number): Complex {
    const { re, im, n } = this;
    const at = (i: number, j: number): Complex => ({ re: re[i * n + j], im: im[i * n + j] });
    const [a, b, c, d] = [at(last - 1, last - 1), at(last - 1, last), at(last, last - 1), at(last, last)];
    if (iterations % 10 === 0) return { re: d.re + Math.hypot(c.re, c.im), im: d.im };
    const half = { re: (a.re - d.re) / 2, im: (a.im - d.im) / 2 };
    const bc = times(b, c);
    const root = squareRoot({ re: half.re ** 2 - half.im ** 2 + bc.re, im: 2 * half.re * half.im + bc.im });
    const sign = half.re * root.re + half.im * root.im < 0 ? -1 : 1;
    const whole = { re: half.re + sign * root.re, im: half.im + sign * root.im };
    if (whole.re === 0 && whole.im === 0) return d;
    const off = over(bc, whole);
    return { re: d.re - off.re, im: d.im - off.im };
  }

  /** A = Q R, and then A = R Q, within the block; only that is needed where eigenvalues alone are. */
  private sweep(first: number, last: number, shift: Complex): void {
    const { re, im, n, c, s } = this;
    for (let k = first; k <= last; k++) {
      re[k * n + k] -= shift.re;
      im[k * n + k] -= shift.im;
    }
    for (let k = first; k < last; k++) {
      const [here, below] = [k * n + k, (k + 1) * n + k];
      const [large, small] = [Math.hypot(re[here], im[here]), Math.hypot(re[below], im[below])];
      const size = Math.hypot(large, small);
      // The rotation of the first entry's phase, so that its cosine is real.
      const [phaseRe, phaseIm] = large === 0 ? [1, 0] : [re[here] / large, im[here] / large];
      c[k] = size === 0 ? 1 : large / size;
      s[2 * k] = size === 0 ? 0 : (phaseRe * re[below] + phaseIm * im[below]) / size;
      s[2 * k + 1] = size === 0 ? 0 : (phaseIm * re[below] - phaseRe * im[below]) / size;
      for (let j = k; j <= last; j++) this.rotate(k * n + j, (k + 1) * n + j, c[k], s[2 * k], s[2 * k + 1]);
    }
    for (let k = first; k < last; k++) {
      for (let i = first; i <= Math.min(k + 1, last); i++) this.rotate(i * n + k, i * n + k + 1, c[k], s[2 * k], -s[2 * k + 1]);
    }
    for (let k = first; k <= last; k++) {
      re[k * n + k] += shift.re;
      im[k * n + k] += shift.im;
    }
  }

  /** (x, y) becomes (c x + s y, c y − s̄ x). */
  private rotate(x: number, y: number, c: number, sRe: number, sIm: number): void {
    const { re, im } = this;
    const [xRe, xIm, yRe, yIm] = [re[x], im[x], re[y], im[y]];
    re[x] = c * xRe + sRe * yRe - sIm * yIm;
    im[x] = c * xIm + sRe * yIm + sIm * yRe;
    re[y] = c * yRe - sRe * xRe - sIm * xIm;
    im[y] = c * yIm - sRe * xIm + sIm * xRe;
  }
}

function times(a: Complex, b: Complex): Complex {
  return { re: a.re * b.re - a.im * b.im, im: a.re * b.im + a.im * b.re };
}

function over(a: Complex, b: Complex): Complex {
  const square = b.re ** 2 + b.im ** 2;
  return { re: (a.re * b.re + a.im * b.im) / square, im: (a.im * b.re - a.re * b.im) / square };
}

function squareRoot({ re, im }: Complex): Complex {
  const size = Math.hypot(re, im);
  const root = Math.sqrt((size + Math.abs(re)) / 2);
  if (root === 0) return { re: 0, im: 0 };
  const other = Math.abs(im) / (2 * root);
  const sign = im < 0 ? -1 : 1;
  return re >= 0 ? { re: root, im: sign * other } : { re: other, im: sign * root };
}
