/**
 * What a chain learns while it warms up: the length of steps by dual averaging (M. D. Hoffman, A. Gelman, J. Mach. Learn. Res. 15, 2014,
 * section 3.2), and the variances of the components from windows that double (as Stan does; its Reference Manual, HMC algorithm
 * parameters).
 */

/** The acceptance that is aimed at, and the constants of the averaging. */
const [AIM, SHRINK, DELAY, DECAY] = [0.8, 0.05, 10, 0.75];

export class StepSize {
  private readonly center: number;
  private excess = 0;
  private count = 0;
  private log: number;
  private averaged = 0;

  constructor(first: number) {
    this.log = Math.log(first);
    this.center = Math.log(10 * first);
  }

  /** For the next transition of the warm-up. */
  get now(): number {
    return Math.exp(this.log);
  }

  /** For what comes after it. */
  get settled(): number {
    return this.count === 0 ? this.now : Math.exp(this.averaged);
  }

  learn(acceptance: number): void {
    const m = ++this.count;
    this.excess += (AIM - acceptance - this.excess) / (m + DELAY);
    this.log = this.center - (Math.sqrt(m) / SHRINK) * this.excess;
    const weight = m ** -DECAY;
    this.averaged = weight * this.log + (1 - weight) * this.averaged;
  }
}

/** Means and variances of the states of a window (B. P. Welford, Technometrics 4, 1962). */
export class Variances {
  private count = 0;
  private readonly mean: Float64Array;
  private readonly square: Float64Array;

  constructor(n: number) {
    this.mean = new Float64Array(n);
    this.square = new Float64Array(n);
  }

  add(z: Float64Array): void {
    this.count++;
    z.forEach((x, i) => {
      const off = x - this.mean[i];
      this.mean[i] += off / this.count;
      this.square[i] += off * (x - this.mean[i]);
    });
  }

  /** Drawn towards a small one as long as there are few states. */
  get shrunk(): Float64Array {
    const n = this.count;
    return this.square.map((square) => (n / (n + 5)) * (square / (n - 1)) + 1e-3 * (5 / (n + 5)));
  }
}

/** The ends of the windows of a warm-up, whose beginning and end only the step is learnt in. */
export function windowsOf(warmup: number): { readonly first: number; readonly ends: readonly number[] } {
  const [begin, window, end] = warmup >= 150 ? [75, 25, 50] : [0.15, 0.75, 0.1].map((part) => Math.floor(part * warmup));
  const ends: number[] = [];
  let [at, length] = [begin, window];
  while (length > 1 && at + length <= warmup - end) {
    // The last window takes in what another of twice its length would not fit in.
    const isLast = at + length + 2 * length > warmup - end;
    at = isLast ? warmup - end : at + length;
    ends.push(at);
    length *= 2;
    if (isLast) break;
  }
  return { first: begin, ends };
}
