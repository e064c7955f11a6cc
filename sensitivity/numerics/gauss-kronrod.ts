/**
 * Adaptive quadrature of functions with many components by the Gauss–Kronrod pair of 3 and 7 points (A. S. Kronrod, Nodes and
 * Weights of Quadrature Formulas, Consultants Bureau 1965), bisecting where the error is largest (R. Piessens et al., QUADPACK,
 * Springer 1983, routine QAG). It begins with pieces that are known to be short enough for the function to be seen.
 */
import { Heap } from "./heap.ts";

/** Nodes of the 7-point rule on [-1, 1], the positive ones and zero; the second and the last are those of the 3-point rule. */
const NODES = [0.960491268708020283423507092629079, 0.774596669241483377035853079956479, 0.434243749346802558002071502844628, 0];
const KRONROD_WEIGHTS = [
  0.104656226026467265193823857192073, 0.268488089868333440728569280666709, 0.401397414775962222905051818618431,
  0.45091653865847414234511008704557,
];
const GAUSS_WEIGHTS = [0, 5 / 9, 0, 8 / 9];

/** The number of evaluations of a piece. */
export const EVALUATIONS = 2 * NODES.length - 1;

/** What the quadrature is to reach. */
export interface AdaptiveQuadrature {
  /** The root mean square of the components' errors, each relative to its scale, is brought to this. */
  readonly rtol: number;
  /** The largest number of bisections. */
  readonly maxBisections: number;
  /** What makes components comparable, such as the sizes of the parameters that they are derivatives by. */
  readonly weights: Float64Array;
}

/** The sums that the integrals are added to. */
export interface Totals {
  readonly integral: Float64Array;
  /** ∫ |f| dt: the scale of the errors, which cancellation leaves as it is. */
  readonly size: Float64Array;
}

/**
 * The part of the largest weighted component that counts as the scale of a smaller one, which has no scale of its own, for it may be the
 * rounding of what cancels.
 */
const SMALL = 1e-3;

/**
 * The part of a piece's error that its half is taken to have at least: a jump beyond the outermost node goes unseen by both rules. Halves
 * of a smooth function have less, 1/128.
 */
const LEAST = 1 / 32;

/** A piece, without its value, which for many components and pieces would fill the memory: it is computed again before a bisection. */
interface Piece {
  readonly a: number;
  readonly b: number;
}

/** Writes the value of a function at t. */
export type VectorFunction = (t: number, out: Float64Array) => void;

/**
 * Adds the integrals over the pieces between neighbouring `ends` to the totals; what `size` held before counts in the tolerance. False
 * where the bisections did not suffice.
 */
export function integrateAdaptively(
  f: VectorFunction,
  ends: readonly number[],
  totals: Totals,
  { rtol, maxBisections, weights }: AdaptiveQuadrature,
): boolean {
  const sums = new PieceSums(f, totals, weights);
  const first = Array.from({ length: ends.length - 1 }, (_, k): Piece => ({ a: ends[k], b: ends[k + 1] }));
  first.forEach((piece) => sums.add(piece));
  if (sums.error() <= rtol) return true;
  const pieces = new Heap<Piece>();
  let total = 0;
  const push = (piece: Piece, score: number): void => {
    total += score;
    pieces.push(piece, score);
  };
  first.forEach((piece) => push(piece, sums.errorOf(piece)));
  for (let bisections = 0; total > rtol; bisections++) {
    if (bisections === maxBisections) return false;
    const { item, score } = pieces.pop()!;
    const { a, b } = item;
    const middle = (a + b) / 2;
    // Numbers cannot tell its halves apart: what is left is their rounding.
    if (middle === a || middle === b) return true;
    sums.remove(item);
    total -= score;
    for (const half of [
      { a, b: middle },
      { a: middle, b },
    ])
      push(half, Math.max(sums.add(half), LEAST * score));
  }
  return true;
}

/** The sums over pieces, and their errors. */
class PieceSums {
  private readonly at: Float64Array;
  private readonly value: Float64Array;
  /** By how much the two rules differ for the latest piece. */
  private readonly excess: Float64Array;
  private readonly errors: Float64Array;

  constructor(
    private readonly f: VectorFunction,
    private readonly totals: Totals,
    private readonly weights: Float64Array,
  ) {
    const { length } = totals.integral;
    [this.at, this.value, this.excess, this.errors] = [0, 0, 0, 0].map(() => new Float64Array(length));
  }

  /** Adds a piece to the totals, and returns its error. */
  add(piece: Piece): number {
    this.count(piece, 1);
    return this.relative(this.excess);
  }

  remove(piece: Piece): void {
    this.count(piece, -1);
  }

  /** The error of a piece that was added before. */
  errorOf(piece: Piece): number {
    this.count(piece, 0);
    return this.relative(this.excess);
  }

  /** The error of all pieces. */
  error(): number {
    return this.relative(this.errors);
  }

  private relative(error: Float64Array): number {
    const { totals, weights } = this;
    const { size } = totals;
    let largest = 0;
    for (let i = 0; i < size.length; i++) largest = Math.max(largest, size[i] * weights[i]);
    let sum = 0;
    for (let i = 0; i < size.length; i++) {
      if (error[i] !== 0) sum += (error[i] / Math.max(size[i], (SMALL * largest) / weights[i])) ** 2;
    }
    return Math.sqrt(sum / size.length);
  }

  /** Adds a piece to the totals, or takes it out, or only finds its excess. */
  private count({ a, b }: Piece, sign: 1 | -1 | 0): void {
    const { f, at, value, excess, errors, totals } = this;
    const { integral, size } = totals;
    const half = (b - a) / 2;
    value.fill(0);
    excess.fill(0);
    NODES.forEach((x, k) => {
      const [weight, difference] = [half * KRONROD_WEIGHTS[k], half * (KRONROD_WEIGHTS[k] - GAUSS_WEIGHTS[k])];
      for (const node of x === 0 ? [0] : [-x, x]) {
        f(a + half * (1 + node), at);
        for (let i = 0; i < value.length; i++) {
          value[i] += weight * at[i];
          excess[i] += difference * at[i];
          size[i] += sign * Math.abs(weight * at[i]);
        }
      }
    });
    for (let i = 0; i < value.length; i++) {
      integral[i] += sign * value[i];
      errors[i] += sign * Math.abs(excess[i]);
    }
  }
}
