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

/** For each index of a square pattern, what A + Aᵀ couples it to, itself left out. */
export function neighboursOf(pattern: SparsityPattern): Set<number>[] {
  const neighbours = Array.from({ length: pattern.columns }, () => new Set<number>());
  for (let column = 0; column < pattern.columns; column++) {
    for (const row of columnOf(pattern, column)) {
      if (row === column) continue;
      neighbours[column].add(row);
      neighbours[row].add(column);
    }
  }
  return neighbours;
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
