/**
 * What a constant matrix M leaves undetermined: the projector P onto the vectors that are orthogonal to all its columns, so that P f = 0
 * are the algebraic equations of M u' = f. It is made of the blocks that M falls apart into, each by modified Gram-Schmidt with column
 * pivoting (Golub and Van Loan, Matrix Computations, 4th ed., sections 5.2.8 and 5.4.2).
 */
import { memo } from "../../src/core/memo.ts";
import { columnOf } from "../../src/analysis/pattern.ts";
import { fromRows } from "../../src/analysis/sparsity.ts";
import type { MassMatrix } from "../../src/problem/mass-matrix.ts";

/** Of the largest entry, what is left of a column that depends on others. */
const RANK = 1e-12;
/** What rounding makes of a zero of P. */
const ZERO = 1e-14;

/** P, symmetric, by its entries that are not zero. */
export const leftNullProjector = memo(({ pattern, values }: MassMatrix): MassMatrix => {
  const n = pattern.columns;
  const rows = Array.from({ length: n }, () => new Map<number, number>());
  for (const block of blocksOf({ pattern, values })) {
    for (const [i, j, value] of projectorOf(block)) if (Math.abs(value) > ZERO) rows[i].set(j, value);
  }
  const projector = fromRows(
    rows.map((row) => Int32Array.from(row.keys()).sort()),
    n,
  );
  const entries = new Float64Array(projector.rowIndices.length);
  for (let column = 0, e = 0; column < n; column++) {
    for (; e < projector.columnPointers[column + 1]; e++) entries[e] = rows[projector.rowIndices[e]].get(column)!;
  }
  return { pattern: projector, values: entries };
});

/** Rows and columns that entries connect, and the block's own rows as dense vectors. */
interface Block {
  readonly rows: readonly number[];
  readonly matrix: readonly Float64Array[];
}

function blocksOf({ pattern, values }: MassMatrix): Block[] {
  const n = pattern.columns;
  // Of a union-find over rows (0 … n - 1) and columns (n …).
  const parent = Int32Array.from({ length: 2 * n }, (_, i) => i);
  const find = (i: number): number => {
    while (parent[i] !== i) i = parent[i] = parent[parent[i]];
    return i;
  };
  for (let column = 0; column < n; column++) for (const row of columnOf(pattern, column)) parent[find(row)] = find(n + column);
  const groups = new Map<number, { rows: number[]; columns: number[] }>();
  const groupOf = (i: number): { rows: number[]; columns: number[] } => {
    const root = find(i);
    const found = groups.get(root) ?? { rows: [], columns: [] };
    groups.set(root, found);
    return found;
  };
  for (let i = 0; i < n; i++) {
    groupOf(i).rows.push(i);
    groupOf(n + i).columns.push(i);
  }
  return [...groups.values()]
    .filter(({ rows }) => rows.length > 0)
    .map(({ rows, columns }) => {
      const place = new Map(rows.map((row, i) => [row, i]));
      const matrix = rows.map(() => new Float64Array(columns.length));
      columns.forEach((column, j) => {
        for (let e = pattern.columnPointers[column]; e < pattern.columnPointers[column + 1]; e++)
          matrix[place.get(pattern.rowIndices[e])!][j] += values[e];
      });
      return { rows, matrix };
    });
}

/** I - Q₁ Q₁ᵀ, Q₁ an orthonormal basis of the block's columns. */
function projectorOf({ rows, matrix }: Block): [number, number, number][] {
  const basis = rangeOf(matrix);
  const entries: [number, number, number][] = [];
  rows.forEach((row, i) =>
    rows.forEach((column, j) => {
      const within = basis.reduce((sum, q) => sum + q[i] * q[j], 0);
      entries.push([row, column, (i === j ? 1 : 0) - within]);
    }),
  );
  return basis.length === rows.length ? [] : entries;
}

/** By Gram and Schmidt, twice for each column, the longest that is left first. */
function rangeOf(matrix: readonly Float64Array[]): Float64Array[] {
  const height = matrix.length;
  let left = Array.from({ length: matrix[0].length }, (_, j) => Float64Array.from(matrix, (row) => row[j]));
  const largest = Math.max(0, ...left.map((column) => Math.hypot(...column)));
  const basis: Float64Array[] = [];
  while (left.length > 0 && basis.length < height) {
    const lengths = left.map((column) => Math.hypot(...column));
    const best = lengths.indexOf(Math.max(...lengths));
    if (!(lengths[best] > RANK * largest)) break;
    const q = left[best].map((x) => x / lengths[best]);
    for (const before of basis) subtract(q, before, dot(before, q));
    const length = Math.hypot(...q);
    basis.push(q.map((x) => x / length));
    left = left.filter((_, j) => j !== best);
    for (const column of left) subtract(column, basis.at(-1)!, dot(basis.at(-1)!, column));
  }
  return basis;
}

function dot(x: Float64Array, y: Float64Array): number {
  return x.reduce((sum, value, i) => sum + value * y[i], 0);
}

function subtract(x: Float64Array, y: Float64Array, factor: number): void {
  for (let i = 0; i < x.length; i++) x[i] -= factor * y[i];
}
