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

/** Evaluations of a piece. */
export const EVALUATIONS = 2 * NODES.length - 1;

export interface AdaptiveQuadrature {
  /** The root mean square of the components' errors, each relative to its scale, is brought to this. */
  readonly rtol: number;
  /** At most. */
  readonly maxBisections: number;
  /** What makes components comparable, such as the sizes of the parameters that they are derivatives by. */
  readonly weights: Float64Array;
}

export interface Totals {
  readonly integral: Float64Array;
  /** ∫ |f| dt: the scale of the errors, which cancellation leaves as it is. */
  readonly size: Float64Array;
}

/** Of the largest weighted component: one that is smaller has no scale of its own, for it may be the rounding of what cancels. */
const SMALL = 1e-3;

/**
 * Of the error of a piece, what that of its half is taken to be at least: a jump beyond the outermost node goes unseen by both
 * rules. Halves of a smooth function have less, 1/128.
 */
const LEAST = 1 / 32;

/** Without its value, which for many components and pieces would fill the memory: it is computed again where it is bisected. */
interface Piece {
  readonly a: number;
  readonly b: number;
}

/**
 * Adds the integrals over the pieces between neighbouring `ends` to the totals; what `size` held before counts in the tolerance.
 * False where the bisections did not suffice.
 */
export function integrateAdaptively(
  f: (t: number, out: Float64Array) => void,
  ends: readonly number[],
  { integral, size }: Totals,
  { rtol, maxBisections, weights }: AdaptiveQuadrature,
): boolean {
  const components = integral.length;
  const [at, value, excess, errors] = [0, 0, 0, 0].map(() => new Float64Array(components));
  const relative = (error: Float64Array): number => {
    let largest = 0;
    for (let i = 0; i < components; i++) largest = Math.max(largest, size[i] * weights[i]);
    let sum = 0;
    for (let i = 0; i < components; i++) {
      if (error[i] !== 0) sum += (error[i] / Math.max(size[i], (SMALL * largest) / weights[i])) ** 2;
    }
    return Math.sqrt(sum / components);
  };
  /** Adds a piece to the totals, or takes it out, or only finds its `excess`, by what the two rules differ. */
  const count = ({ a, b }: Piece, sign: 1 | -1 | 0): void => {
    const half = (b - a) / 2;
    value.fill(0);
    excess.fill(0);
    NODES.forEach((x, k) => {
      const [weight, difference] = [half * KRONROD_WEIGHTS[k], half * (KRONROD_WEIGHTS[k] - GAUSS_WEIGHTS[k])];
      for (const node of x === 0 ? [0] : [-x, x]) {
        f(a + half * (1 + node), at);
        for (let i = 0; i < components; i++) {
          value[i] += weight * at[i];
          excess[i] += difference * at[i];
          size[i] += sign * Math.abs(weight * at[i]);
        }
      }
    });
    for (let i = 0; i < components; i++) {
      integral[i] += sign * value[i];
      errors[i] += sign * Math.abs(excess[i]);
    }
  };
  const first = Array.from({ length: ends.length - 1 }, (_, k): Piece => ({ a: ends[k], b: ends[k + 1] }));
  first.forEach((piece) => count(piece, 1));
  if (relative(errors) <= rtol) return true;
  const pieces = new Heap<Piece>();
  let total = 0;
  const push = (piece: Piece, sign: 0 | 1, least: number): void => {
    count(piece, sign);
    const score = Math.max(relative(excess), least);
    total += score;
    pieces.push(piece, score);
  };
  first.forEach((piece) => push(piece, 0, 0));
  for (let bisections = 0; total > rtol; bisections++) {
    if (bisections === maxBisections) return false;
    const { item, score } = pieces.pop()!;
    const { a, b } = item;
    const middle = (a + b) / 2;
    // Numbers cannot tell its halves apart: what is left is their rounding.
    if (middle === a || middle === b) return true;
    count(item, -1);
    total -= score;
    push({ a, b: middle }, 1, LEAST * score);
    push({ a: middle, b }, 1, LEAST * score);
  }
  return true;
}
