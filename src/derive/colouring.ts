/**
 * Column colouring for compressed Jacobians: columns of one colour share no row, so one directional derivative gives them all
 * (Curtis, Powell & Reid, "On the estimation of sparse Jacobian matrices", 1974; a distance-1 colouring of the column
 * intersection graph, Gebremedhin, Manne & Pothen, "What color is your Jacobian?", SIAM Review 47, 2005).
 */
import type { SparsityPattern } from "../analysis/sparsity.ts";
import { transpose } from "../analysis/pattern.ts";

export interface Colouring {
  /** How many colours; at least the entries of the fullest row. */
  readonly count: number;
  /** The colour, 0 … count - 1, of each column. */
  readonly colors: Int32Array;
}

/** Greedy, largest degree first: each column takes the least colour that no column sharing a row with it has. */
export function colourColumns(pattern: SparsityPattern): Colouring {
  const { columns, columnPointers, rowIndices } = pattern;
  const byRow = transpose(pattern);
  const colors = new Int32Array(columns).fill(-1);
  const takenBy = new Int32Array(columns).fill(-1);
  let count = 0;
  const order = largestFirst(pattern, byRow);
  if (hasFullRow(byRow)) {
    // No two columns may have one colour, which to find out takes a time that grows with the cube of a full matrix's size.
    order.forEach((column, k) => (colors[column] = k));
    return { count: columns, colors };
  }
  for (const column of order) {
    for (let p = columnPointers[column]; p < columnPointers[column + 1]; p++) {
      const row = rowIndices[p];
      for (let q = byRow.columnPointers[row]; q < byRow.columnPointers[row + 1]; q++) {
        const color = colors[byRow.rowIndices[q]];
        if (color >= 0) takenBy[color] = column;
      }
    }
    let color = 0;
    while (takenBy[color] === column) color++;
    colors[column] = color;
    count = Math.max(count, color + 1);
  }
  return { count, colors };
}

function hasFullRow({ rows, columns, columnPointers }: SparsityPattern): boolean {
  for (let row = 0; row < columns; row++) if (columnPointers[row + 1] - columnPointers[row] === rows) return true;
  return false;
}

/** Columns by how many entries share a row with them, most first; equal ones in their own order. */
function largestFirst(pattern: SparsityPattern, byRow: SparsityPattern): Int32Array {
  const degrees = new Int32Array(pattern.columns);
  for (let column = 0; column < pattern.columns; column++) {
    for (let p = pattern.columnPointers[column]; p < pattern.columnPointers[column + 1]; p++) {
      const row = pattern.rowIndices[p];
      degrees[column] += byRow.columnPointers[row + 1] - byRow.columnPointers[row] - 1;
    }
  }
  return Int32Array.from({ length: pattern.columns }, (_, i) => i).sort((a, b) => degrees[b] - degrees[a] || a - b);
}
