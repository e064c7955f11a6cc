/** A solution between its steps: the records of all steps, and their evaluation. */
import { GrowingArray } from "../../src/core/growing-array.ts";

/**
 * u(θ) = (1 − θ) u₀ + θ (u₁ + (1 − θ) (q₀ + σ q₁ + …)), σ = 2θ − 1, of a record (u₀, u₁, q₀, q₁, …, n each) at `offset` of `data`,
 * `size` elements long, into `out`: as many components, the first ones, as that has room for.
 */
export function evaluateRecord(
  data: Float64Array,
  offset: number,
  size: number,
  n: number,
  theta: number,
  out: Float64Array,
): void {
  const rest = 1 - theta;
  const centred = theta - rest;
  const count = out.length;
  const [u1, q0, end] = [offset + n, offset + 2 * n, offset + size];
  let [q, weight] = [q0, theta * rest];
  if (end - q0 >= 3 * n) {
    // Most methods have three coefficients: one pass over memory, which is what an evaluation costs.
    const [q1, q2] = [q0 + n, q0 + 2 * n];
    const [weight1, weight2] = [weight * centred, weight * centred * centred];
    for (let i = 0; i < count; i++) {
      const coefficients = weight * data[q0 + i] + weight1 * data[q1 + i] + weight2 * data[q2 + i];
      out[i] = rest * data[offset + i] + theta * data[u1 + i] + coefficients;
    }
    [q, weight] = [q2 + n, weight2 * centred];
  } else {
    for (let i = 0; i < count; i++) out[i] = rest * data[offset + i] + theta * data[u1 + i];
  }
  for (; q < end; q += n, weight *= centred) for (let i = 0; i < count; i++) out[i] += weight * data[q + i];
}

/** The derivative by t of the same record over a step of this length, into `out`: of all components. */
function differentiateRecord(
  data: Float64Array,
  offset: number,
  size: number,
  theta: number,
  length: number,
  out: Float64Array,
): void {
  const n = out.length;
  for (let i = 0; i < n; i++) out[i] = data[offset + n + i] - data[offset + i];
  const [centred, bubble] = [2 * theta - 1, theta * (1 - theta)];
  // Of θ (1 − θ) σᵏ, k = 0, 1, …
  for (let q = 2, [power, slope] = [1, 0]; q * n < size; q++, slope = 2 * (q - 2) * power, power *= centred) {
    const weight = slope * bubble - centred * power;
    for (let i = 0; i < n; i++) out[i] += weight * data[offset + q * n + i];
  }
  for (let i = 0; i < n; i++) out[i] /= length;
}

/** So many steps: the i-th from time i to time i + 1. */
export interface Steps {
  readonly count: number;
  time(i: number): number;
}

/** A smooth piece of a solution. */
export class DensePiece {
  private readonly starts: number[] = [];
  private readonly ends: number[] = [];
  private readonly offsets: number[] = [];
  private readonly records = new GrowingArray();
  /** The step of the last look-up, where the next one most likely falls. */
  private recent = 0;

  constructor(private readonly n: number) {}

  get steps(): number {
    return this.starts.length;
  }

  /** Held by the records, the times of the steps left aside. */
  get bytes(): number {
    return 8 * this.records.length;
  }

  /** Does the last step end at t or after it? */
  reaches(t: number): boolean {
    const last = this.steps - 1;
    return last >= 0 && (this.ends[last] - t) * (this.ends[last] - this.starts[last]) >= 0;
  }

  /** The records of these steps lie one after the other from `offset` of `data` on, and have `size` numbers each. */
  append(steps: Steps, data: Float64Array, offset: number, size: number): void {
    const { count } = steps;
    for (let i = 0; i < count; i++) {
      this.starts.push(steps.time(i));
      this.ends.push(steps.time(i + 1));
      this.offsets.push(this.records.length + i * size);
    }
    this.records.append(data, offset, count * size);
  }

  /** The state at t into `out`; beyond the ends the first or last step's polynomial. Needs one step at least. */
  interpolate(t: number, out: Float64Array): void {
    const i = this.locate(t);
    const start = this.starts[i];
    const offset = this.offsets[i];
    evaluateRecord(this.records.data, offset, this.sizeOf(i), this.n, (t - start) / (this.ends[i] - start), out);
  }

  /** The derivative of the same polynomial by t, of all components. */
  differentiate(t: number, out: Float64Array): void {
    const i = this.locate(t);
    const start = this.starts[i];
    const length = this.ends[i] - start;
    differentiateRecord(this.records.data, this.offsets[i], this.sizeOf(i), (t - start) / length, length, out);
  }

  private sizeOf(i: number): number {
    return (i + 1 < this.steps ? this.offsets[i + 1] : this.records.length) - this.offsets[i];
  }

  private locate(t: number): number {
    const starts = this.starts;
    const last = this.steps - 1;
    const direction = this.ends[0] > starts[0] ? 1 : -1;
    const before = (i: number): boolean => direction * (t - starts[i]) < 0;
    let i = this.recent;
    // Look-ups come mostly in order, forwards or (in an adjoint solve) backwards.
    if (i > 0 && before(i)) i--;
    else if (i < last && !before(i + 1)) i++;
    if ((i > 0 && before(i)) || (i < last && !before(i + 1))) {
      let [low, high] = [0, last];
      while (low < high) {
        const middle = (low + high + 1) >> 1;
        if (before(middle)) high = middle - 1;
        else low = middle;
      }
      i = low;
    }
    return (this.recent = i);
  }
}

export class DenseOutput {
  /** The pieces between events, empty ones among them where events follow each other at once. */
  readonly pieces: DensePiece[];

  constructor(private readonly n: number) {
    this.pieces = [new DensePiece(n)];
  }

  get steps(): number {
    return this.pieces.reduce((sum, piece) => sum + piece.steps, 0);
  }

  get bytes(): number {
    return this.pieces.reduce((sum, piece) => sum + piece.bytes, 0);
  }

  append(steps: Steps, data: Float64Array, offset: number, size: number): void {
    this.pieces[this.pieces.length - 1].append(steps, data, offset, size);
  }

  /** The solution jumps here: what follows is another piece. */
  jump(): void {
    this.pieces.push(new DensePiece(this.n));
  }

  /** The state at t into `out`, at a jump the one before it; beyond the ends the first or last step's polynomial. Needs one step at least. */
  interpolate(t: number, out: Float64Array): void {
    this.pieceAt(t).interpolate(t, out);
  }

  /** The derivative of the state by t into `out`, as {@link interpolate} does. */
  differentiate(t: number, out: Float64Array): void {
    this.pieceAt(t).differentiate(t, out);
  }

  private pieceAt(t: number): DensePiece {
    return this.pieces.find((candidate) => candidate.reaches(t)) ?? this.pieces.findLast(({ steps }) => steps > 0)!;
  }
}
