/**
 * Values and derivatives of noisy data, by local quadratic regression (J. Fan, I. Gijbels, Local Polynomial Modelling and Its Applications,
 * 1996, section 3.1): at each time a parabola of least squares, to which near data count more.
 */
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

/** What was measured, by ascending times, which may come several times. */
export interface Measured {
  readonly t: Float64Array;
  readonly y: Float64Array;
}

/** A parabola's coefficients, and one datum more that its residual is judged with. */
export const NEEDED = 4;
/** Bandwidths that are tried, from the narrowest that there can be to the whole span. */
const TRIED = 40;
/** So many data are left out, at most, to judge a bandwidth. */
const JUDGED = 1000;

/** At these times, ascending. Without a bandwidth it is the one whose values are nearest to data that are left out, each in turn. */
export function smooth(data: Measured, times: Float64Array, kernel: KernelName, bandwidth?: number): Smoothed {
  const at = new LocalParabolas(data, kernels[kernel]);
  const chosen = bandwidth ?? bestBandwidth(data, at, Math.max(...[data.t, times].map((all) => narrowestBandwidth(data, all))));
  const [values, derivatives] = [new Float64Array(times.length), new Float64Array(times.length)];
  times.forEach((time, i) => ({ value: values[i], derivative: derivatives[i] } = at.of(time, chosen)));
  return { values, derivatives, bandwidth: chosen };
}

/** Such that at each of these times there are enough different times of data within it. Both ascend; data have {@link NEEDED} of them. */
export function narrowestBandwidth({ t }: Measured, times: Float64Array): number {
  const each = t.filter((time, i) => i === 0 || time > t[i - 1]);
  let first = 0;
  let widest = 0;
  for (const time of times) {
    // Of so many in a row the nearest ones.
    while (first + NEEDED < each.length && each[first + NEEDED] - time < time - each[first]) first++;
    widest = Math.max(widest, Math.abs(each[first] - time), Math.abs(each[first + NEEDED - 1] - time));
  }
  return 1.01 * widest;
}

function bestBandwidth({ t, y }: Measured, at: LocalParabolas, narrowest: number): number {
  const widest = Math.max(narrowest, t[t.length - 1] - t[0]);
  const every = Math.ceil(t.length / JUDGED);
  let best = { bandwidth: narrowest, leftOut: Infinity };
  for (let k = 0; k < TRIED; k++) {
    const bandwidth = narrowest * (widest / narrowest) ** (k / (TRIED - 1));
    let leftOut = 0;
    for (let i = 0; i < t.length; i += every) {
      const { value, ownWeight } = at.of(t[i], bandwidth);
      // Where a datum is left out, its residual is larger by what it counts in its own value (equation 4.5).
      leftOut += ((y[i] - value) / (1 - ownWeight)) ** 2;
    }
    if (leftOut < best.leftOut) best = { bandwidth, leftOut };
  }
  return best.bandwidth;
}

/**
 * By polynomials that are orthogonal on the data near a time, weights counted (G. E. Forsythe, Generation and use of orthogonal
 * polynomials for data-fitting with a digital computer, J. Soc. Ind. Appl. Math. 5, 1957): no system is solved, whose condition could spoil it.
 */
class LocalParabolas {
  private readonly x: Float64Array;
  private readonly weights: Float64Array;

  constructor(
    private readonly data: Measured,
    private readonly kernel: (x: number) => number,
  ) {
    this.x = new Float64Array(data.t.length);
    this.weights = new Float64Array(data.t.length);
  }

  /** The parabola's value and derivative at a time, and what a datum there counts in the value. */
  of(time: number, bandwidth: number): { value: number; derivative: number; ownWeight: number } {
    const { x, weights } = this;
    const { y } = this.data;
    const [from, to] = this.weighted(time, bandwidth);
    let [size0, sumX] = [0, 0];
    for (let i = from; i < to; i++) {
      size0 += weights[i];
      sumX += weights[i] * x[i];
    }
    const a = sumX / size0;
    let [size1, sumXX] = [0, 0];
    for (let i = from; i < to; i++) {
      const p1 = x[i] - a;
      size1 += weights[i] * p1 * p1;
      sumXX += weights[i] * p1 * p1 * x[i];
    }
    const [b, c] = [sumXX / size1, size1 / size0];
    let [size2, of0, of1, of2] = [0, 0, 0, 0];
    for (let i = from; i < to; i++) {
      const p1 = x[i] - a;
      const p2 = (x[i] - b) * p1 - c;
      const wy = weights[i] * y[i];
      size2 += weights[i] * p2 * p2;
      of0 += wy;
      of1 += wy * p1;
      of2 += wy * p2;
    }
    // At x = 0: p1 = -a with derivative 1, p2 = a b - c with derivative -a - b.
    const [c0, c1, c2] = [of0 / size0, of1 / size1, of2 / size2];
    return {
      value: c0 - c1 * a + c2 * (a * b - c),
      derivative: (c1 - c2 * (a + b)) / bandwidth,
      ownWeight: this.kernel(0) * (1 / size0 + a ** 2 / size1 + (a * b - c) ** 2 / size2),
    };
  }

  /** Distances in bandwidths, and weights, of the data in a row that count; from and behind. */
  private weighted(time: number, bandwidth: number): [number, number] {
    const { t } = this.data;
    // A Gaussian that is so far away counts nothing.
    const reach = this.kernel(1) > 0 ? 39 : 1;
    const from = firstBehind(t, time - reach * bandwidth);
    let to = from;
    for (; to < t.length && t[to] < time + reach * bandwidth; to++) {
      this.x[to] = (t[to] - time) / bandwidth;
      this.weights[to] = this.kernel(this.x[to]);
    }
    return [from, to];
  }
}

/** The index of the first time that is larger. */
function firstBehind(t: Float64Array, bound: number): number {
  let [low, high] = [0, t.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (t[middle] > bound) high = middle;
    else low = middle + 1;
  }
  return low;
}
