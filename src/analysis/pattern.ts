/** Operations on sparsity patterns. */
import { MANY, memo } from "../core/memo.ts";
import { fromRows, type SparsityPattern } from "./sparsity.ts";

/** The row indices of one column. */
export function columnOf(pattern: SparsityPattern, column: number): Int32Array {
  return pattern.rowIndices.subarray(pattern.columnPointers[column], pattern.columnPointers[column + 1]);
}

/** Finds the index of an entry among those of the pattern; -1 where it has none. */
export function entryIndex({ columnPointers, rowIndices }: SparsityPattern): (row: number, column: number) => number {
  return (row, column) => {
    for (let e = columnPointers[column]; e < columnPointers[column + 1]; e++) if (rowIndices[e] === row) return e;
    return -1;
  };
}

export function transpose(pattern: SparsityPattern): SparsityPattern {
  return fromRows(
    Array.from({ length: pattern.columns }, (_, column) => columnOf(pattern, column)),
    pattern.rows,
  );
}

/** What A + Aᵀ couples each index of a square pattern to, itself left out: those of i lie from start[i] to start[i + 1], ascending. */
export interface Adjacency {
  readonly start: Int32Array;
  readonly neighbours: Int32Array;
}

export const adjacencyOf = memo((pattern: SparsityPattern): Adjacency => {
  const n = pattern.columns;
  const start = new Int32Array(n + 1);
  const eachCoupling = (visit: (i: number, j: number) => void): void =>
    eachEntry(pattern, (_, row, column) => {
      if (row === column) return;
      visit(row, column);
      visit(column, row);
    });
  eachCoupling((i) => start[i + 1]++);
  for (let i = 0; i < n; i++) start[i + 1] += start[i];
  const all = new Int32Array(start[n]);
  const next = start.slice();
  eachCoupling((i, j) => (all[next[i]++] = j));
  let kept = 0;
  for (let i = 0; i < n; i++) {
    const own = all.subarray(start[i], start[i + 1]).sort();
    start[i] = kept;
    for (let k = 0, last = -1; k < own.length; k++) {
      if (own[k] === last) continue;
      all[kept++] = last = own[k];
    }
  }
  start[n] = kept;
  return { start, neighbours: all.subarray(0, kept) };
});

/** The neighbours of one index. */
export function neighboursOf({ start, neighbours }: Adjacency, i: number): Int32Array {
  return neighbours.subarray(start[i], start[i + 1]);
}

/** Of a full n by n matrix, by columns: the same object each time, which solvers of its systems are kept by. */
export const densePattern = memo(
  (n: number): SparsityPattern => {
    const columnPointers = Int32Array.from({ length: n + 1 }, (_, j) => j * n);
    const rowIndices = Int32Array.from({ length: n * n }, (_, e) => e % n);
    return { rows: n, columns: n, columnPointers, rowIndices };
  },
  { most: MANY },
);

/** Visits the entries by columns, each with its place among the values. */
export function eachEntry(
  { columns, columnPointers, rowIndices }: SparsityPattern,
  visit: (e: number, row: number, column: number) => void,
): void {
  for (let j = 0; j < columns; j++) for (let e = columnPointers[j]; e < columnPointers[j + 1]; e++) visit(e, rowIndices[e], j);
}
