/**
 * The linear least squares problem of a population: what all share, the typical values of what each has of its own, and that of each. Seen from
 * the shared numbers each individual is a block beside them, an arrow, so that individuals are eliminated one after the other by orthogonal
 * transformations, and what is left is as large as for one of them (G. H. Golub, C. F. Van Loan, Matrix Computations, 4th ed., section 5.2;
 * the Schur complement of the normal equations, without squaring them).
 */
import type { LeastSquares } from "../optimisers/optimiser.ts";
import { uncertaintyOf } from "../judge/uncertainty.ts";
import { backSubstitute, triangular } from "../optimisers/householder.ts";
import { columnNorms } from "../optimisers/linear-model.ts";

/** How many numbers are shared, and how many each individual has of its own. */
export interface Sizes {
  readonly shared: number;
  readonly own: number;
}

/** An individual's residuals with their derivatives by what is shared and by its own numbers, which lie `off` the typical ones. */
export interface Block extends Pick<LeastSquares, "residuals" | "jacobian"> {
  readonly off: Float64Array;
}

/** Further rows, by shared and typical numbers: priors. */
export interface Rows {
  readonly residuals: Float64Array;
  readonly jacobian: Float64Array;
}

export interface ArrowStep {
  readonly shared: Float64Array;
  readonly typical: Float64Array;
  /** Of each individual. */
  readonly own: readonly Float64Array[];
  /** Of each individual the triangular factor of its own information, BᵀB and that of the spread. */
  readonly factors: readonly Float64Array[];
  /** What is left by shared and typical numbers: rows of a Jacobian, whose Fisher information is theirs. */
  readonly reduced: Float64Array;
}

/** What is added to the squares of a step, by its numbers: of the shared ones, the typical ones, and those of each individual. */
export interface Damping {
  readonly shared: Float64Array;
  readonly typical: Float64Array;
  readonly own: readonly Float64Array[];
}

/** `spread`: the standard deviations of individuals about the typical numbers. Along what the data do not see there is no step. */
export function arrowStep(
  blocks: readonly Block[],
  { shared, own }: Sizes,
  spread: Float64Array,
  priors: Rows,
  damping?: Damping,
): ArrowStep {
  const k = shared + own;
  const eliminated = blocks.map((block, i) => eliminate(block, { shared, own }, spread, damping?.own[i]));
  const more = priors.residuals.length;
  const rows = eliminated.length * k + more + (damping ? k : 0);
  // As many again as there may be directions that are not seen.
  const matrix = new Float64Array((rows + k) * k);
  const right = new Float64Array(rows + k);
  eliminated.forEach(({ rest, right: part }, i) => {
    matrix.set(rest, i * k * k);
    right.set(part.subarray(own), i * k);
  });
  const at = eliminated.length * k;
  matrix.set(priors.jacobian, at * k);
  priors.residuals.forEach((residual, i) => (right[at + i] = -residual));
  const reduced = matrix.slice(0, (at + more) * k);
  if (damping) [...damping.shared, ...damping.typical].forEach((d, j) => (matrix[(at + more + j) * k + j] = d));
  held(reduced, k).forEach((row, i) => matrix.set(row, (rows + i) * k));
  const { r, qtb } = triangular(matrix, right, k);
  const step = backSubstitute(r, qtb);
  const ownSteps = eliminated.map(({ factor, beside, right: all }) => {
    const left = all.slice(0, own);
    for (let a = 0; a < own; a++) for (let c = 0; c < k; c++) left[a] -= beside[a * k + c] * step[c];
    return backSubstitute(factor, left);
  });
  return {
    shared: step.slice(0, shared),
    typical: step.slice(shared),
    own: ownSteps,
    factors: eliminated.map(({ factor }) => factor),
    reduced,
  };
}

/** Rows, as large as the others, that let nothing move along directions that are not seen: rounding would carry it off. */
function held(reduced: Float64Array, k: number): Float64Array[] {
  const sizes = columnNorms(reduced, k);
  return uncertaintyOf(new Float64Array(reduced.length / k), reduced, k).unseen.map((weights) =>
    weights.map((weight, j) => weight * (sizes[j] || 1)),
  );
}

interface Eliminated {
  /** R = [factor, beside; 0, rest] by [own | shared, typical]. */
  readonly factor: Float64Array;
  readonly beside: Float64Array;
  readonly rest: Float64Array;
  readonly right: Float64Array;
}

function eliminate(
  { residuals, jacobian, off }: Block,
  { shared, own }: Sizes,
  spread: Float64Array,
  damping: Float64Array | undefined,
): Eliminated {
  const [m, k] = [residuals.length, shared + own];
  const n = own + k;
  const rows = Math.max(n, m + own + (damping ? own : 0));
  const matrix = new Float64Array(rows * n);
  const right = new Float64Array(rows);
  for (let i = 0; i < m; i++) {
    for (let c = 0; c < shared; c++) matrix[i * n + own + c] = jacobian[i * k + c];
    for (let c = 0; c < own; c++) matrix[i * n + c] = jacobian[i * k + shared + c];
    right[i] = -residuals[i];
  }
  for (let c = 0; c < own; c++) {
    matrix[(m + c) * n + c] = 1 / spread[c];
    matrix[(m + c) * n + own + shared + c] = -1 / spread[c];
    right[m + c] = -off[c] / spread[c];
    if (damping) matrix[(m + own + c) * n + c] = damping[c];
  }
  const { r, qtb } = triangular(matrix, right, n);
  const part = (row: number, rowEnd: number, column: number, columnEnd: number): Float64Array => {
    const width = columnEnd - column;
    return Float64Array.from(
      { length: (rowEnd - row) * width },
      (_, i) => r[(row + Math.floor(i / width)) * n + column + (i % width)],
    );
  };
  return { factor: part(0, own, 0, own), beside: part(0, own, own, n), rest: part(own, n, own, n), right: qtb };
}
