/**
 * Values and derivatives of noisy data, by local quadratic regression (J. Fan, I. Gijbels, Local Polynomial Modelling and Its Applications,
 * 1996, section 3.1): at each time a parabola of least squares, to which near data count more.
 */
import { backSubstitute, triangular } from "../optimisers/householder.ts";

/** What a datum counts at a distance, in bandwidths; up to a factor, which does not matter. One row each. */
const rows = {
  epanechnikov: (x) => Math.max(0, 1 - x * x),
  triangular: (x) => Math.max(0, 1 - Math.abs(x)),
  tricube: (x) => Math.max(0, 1 - Math.abs(x) ** 3) ** 3,
  gaussian: (x) => Math.exp((-x * x) / 2),
} as const satisfies Readonly<Record<string, (x: number) => number>>;

export type KernelName = keyof typeof rows;
export const kernels: Readonly<Record<KernelName, (x: number) => number>> = rows;

export interface Smoothed {
  readonly values: Float64Array;
  readonly derivatives: Float64Array;
  readonly bandwidth: number;
}

/** A parabola's coefficients, and one datum more that its residual is judged with. */
const NEEDED = 4;
/** Bandwidths that are tried, from the narrowest that there can be to the whole span. */
const TRIED = 40;

/** At the times of the data. Without a bandwidth it is the one whose values are nearest to data that are left out, each in turn. */
export function smooth(t: Float64Array, y: Float64Array, kernel: KernelName, bandwidth?: number): Smoothed {
  if (bandwidth !== undefined) return withBandwidth(t, y, kernel, bandwidth).smoothed;
  const narrowest = narrowestBandwidth(t);
  const widest = Math.max(narrowest, t[t.length - 1] - t[0]);
  const all = Array.from({ length: TRIED }, (_, k) => narrowest * (widest / narrowest) ** (k / (TRIED - 1)));
  const tried = all.map((h) => withBandwidth(t, y, kernel, h));
  return tried.reduce((best, next) => (next.leftOut < best.leftOut ? next : best)).smoothed;
}

/** Such that at every time there are enough data within it. */
export function narrowestBandwidth(t: Float64Array): number {
  const distances = Array.from(t, (at) => t.map((other) => Math.abs(other - at)).sort()[NEEDED - 1]);
  return 1.01 * Math.max(...distances);
}

function withBandwidth(
  t: Float64Array,
  y: Float64Array,
  kernel: KernelName,
  bandwidth: number,
): { readonly smoothed: Smoothed; readonly leftOut: number } {
  const n = t.length;
  const [values, derivatives] = [new Float64Array(n), new Float64Array(n)];
  let leftOut = 0;
  for (let i = 0; i < n; i++) {
    const { value, derivative, ownWeight } = parabola(t, y, i, kernels[kernel], bandwidth);
    values[i] = value;
    derivatives[i] = derivative;
    // Where a datum is left out, its residual is larger by what it counts in its own value (equation 4.5).
    leftOut += ((y[i] - value) / (1 - ownWeight)) ** 2;
  }
  return { smoothed: { values, derivatives, bandwidth }, leftOut };
}

function parabola(
  t: Float64Array,
  y: Float64Array,
  at: number,
  kernel: (x: number) => number,
  bandwidth: number,
): { value: number; derivative: number; ownWeight: number } {
  const near = [...t.keys()].filter((i) => kernel((t[i] - t[at]) / bandwidth) > 0);
  const matrix = new Float64Array(3 * near.length);
  const right = new Float64Array(near.length);
  const own = new Float64Array(near.length);
  near.forEach((i, row) => {
    const x = (t[i] - t[at]) / bandwidth;
    const root = Math.sqrt(kernel(x));
    matrix.set([root, root * x, root * x * x], 3 * row);
    right[row] = root * y[i];
    own[row] = i === at ? root : 0;
  });
  const solved = (b: Float64Array): Float64Array => {
    const { r, qtb } = triangular(matrix, b, 3);
    return backSubstitute(r, qtb);
  };
  const [value, slope] = solved(right);
  return { value, derivative: slope / bandwidth, ownWeight: solved(own)[0] };
}
