/**
 * Sparse regression by sequential least squares (S. L. Brunton, J. L. Proctor, J. N. Kutz, Discovering governing equations from data by
 * sparse identification of nonlinear dynamical systems, PNAS 113, 2016). Columns and right-hand side have unit length, so that units do not
 * matter. Along trajectories candidates are nearly dependent, and a coefficient may be small only because others do its work: so a ridge
 * holds back those that cancel, the smallest one alone is left out before the rest is solved for again (L. Boninsegna, F. Nüske,
 * C. Clementi, Sparse learning of stochastic dynamical equations, J. Chem. Phys. 148, 2018), and small is what is left over without it.
 */
import { norm } from "../../src/core/norm.ts";
import { backSubstitute, triangular } from "../optimisers/householder.ts";

export interface SparseSolution {
  /** The columns that are left. */
  readonly support: readonly number[];
  /** One for each of those, by least squares without the ridge. */
  readonly coefficients: readonly number[];
  /** What is left over, relative to the right-hand side. */
  readonly residual: number;
  /** Those of the columns whose coefficient has a standard error of more than a quarter of its size. */
  readonly uncertain: readonly number[];
  /** Columns that leave over about as little in the place of one of those, or less: the best of each. */
  readonly rivals: readonly Rival[];
  /** A column that was left out, and with which less than half would be left over: the best. */
  readonly missed: { readonly column: number; readonly residual: number } | undefined;
}

export interface Rival {
  readonly column: number;
  readonly inPlaceOf: number;
  readonly residual: number;
}

export interface SparseOptions {
  /** What all that is left out may explain of the right-hand side, as a part of its size. */
  readonly threshold: number;
  /** Added to the diagonal of the normal equations of unit columns, while terms are left out. */
  readonly ridge: number;
}

/** What leaves over less than so many times as much is not told apart by the samples, nor is what leaves over roundings. */
const [ALIKE, ROUNDING] = [1.1, 1e-9];
/** Of a coefficient's size. */
const UNCERTAIN = 1 / 4;
/** Of what is left over: noise does not become less by so much with one more column. */
const MISSED = 1 / 2;

export function sparseRegression(
  columns: readonly Float64Array[],
  right: Float64Array,
  { threshold, ridge }: SparseOptions,
): SparseSolution {
  const size = norm(right);
  if (size === 0) return { support: [], coefficients: [], residual: 0, uncertain: [], rivals: [], missed: undefined };
  const lengths = columns.map((column) => norm(column));
  const units = columns.map((column, j) => column.map((x) => x / lengths[j]));
  const unitRight = right.map((x) => x / size);
  const solved = (support: readonly number[], by: number): Float64Array =>
    leastSquares(
      support.map((j) => units[j]),
      unitRight,
      by,
    );
  const leftBy = (support: readonly number[]): number => {
    const scaled = solved(support, 0);
    return norm(unitRight.map((x, i) => support.reduce((sum, j, k) => sum - scaled[k] * units[j][i], x)));
  };
  let support = columns.flatMap((_, j) => (lengths[j] > 0 ? [j] : []));
  let residual = leftBy(support);
  const most = Math.hypot(residual, threshold);
  const withoutOne = (): { rest: number[]; left: number } | undefined => {
    const sizes = solved(support, ridge).map(Math.abs);
    const bySize = [...support.keys()].sort((a, b) => sizes[a] - sizes[b]);
    for (const least of bySize) {
      const rest = support.filter((_, k) => k !== least);
      const left = leftBy(rest);
      if (left <= most) return { rest, left };
    }
    return undefined;
  };
  for (let next = withoutOne(); next; next = withoutOne()) [support, residual] = [next.rest, next.left];
  const scaled = solved(support, 0);
  const spread = residual / Math.sqrt(Math.max(1, right.length - support.length));
  const uncertain = support.filter((j, k) => {
    const rest = support.filter((other) => other !== j).map((other) => units[other]);
    const fitted = leastSquares(rest, units[j], 0);
    const own = norm(units[j].map((x, i) => rest.reduce((sum, column, l) => sum - fitted[l] * column[i], x)));
    return !(Math.max(spread, Number.EPSILON) / own <= UNCERTAIN * Math.abs(scaled[k]));
  });
  const others = columns.flatMap((_, j) => (lengths[j] > 0 && !support.includes(j) ? [j] : []));
  const rivals = support.flatMap((inPlaceOf): Rival[] => {
    const all = others.map((column) => ({
      column,
      inPlaceOf,
      residual: leftBy(support.map((j) => (j === inPlaceOf ? column : j))),
    }));
    const best = all.toSorted((a, b) => a.residual - b.residual).slice(0, 1);
    return best.filter((one) => one.residual <= Math.max(ALIKE * residual, ROUNDING));
  });
  const [missed] = others
    .map((column) => ({ column, residual: leftBy([...support, column]) }))
    .filter((one) => one.residual < MISSED * residual && residual > ROUNDING)
    .toSorted((a, b) => a.residual - b.residual);
  return { support, coefficients: support.map((j, k) => (scaled[k] * size) / lengths[j]), residual, uncertain, rivals, missed };
}

function leastSquares(columns: readonly Float64Array[], right: Float64Array, ridge: number): Float64Array {
  const [m, k] = [right.length, columns.length];
  const matrix = new Float64Array((m + k) * k);
  const b = new Float64Array(m + k);
  b.set(right);
  columns.forEach((column, j) => {
    for (let i = 0; i < m; i++) matrix[i * k + j] = column[i];
    matrix[(m + j) * k + j] = Math.sqrt(ridge);
  });
  const { r, qtb } = triangular(matrix, b, k);
  return backSubstitute(r, qtb);
}
