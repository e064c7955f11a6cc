/** The index tables of a multifrontal factorisation: where each front's numbers come from, lie, and go. */
import type { SparsityPattern } from "../../src/analysis/sparsity.ts";
import { columnOf } from "../../src/analysis/pattern.ts";
import type { Elimination, Supernode } from "./supernodes.ts";

/**
 * One entry a supernode (one more for the starts). A front is a square column-major matrix over the supernode's pivots and rows.
 * Its factors are `width` columns of `size` entries (L, and U within the pivots' square) and then `width` columns of
 * size - width entries (the rows of U beyond the square).
 */
export interface Fronts {
  readonly count: number;
  readonly first: Int32Array;
  readonly width: Int32Array;
  readonly size: Int32Array;
  /** Where the front begins in the memory of fronts. */
  readonly offset: Int32Array;
  readonly frontMemory: number;
  /** Where the factors lie in `work`. */
  readonly factors: Int32Array;
  readonly workSize: number;
  /** Starts into `rows` and `parentRows`. */
  readonly rowStart: Int32Array;
  /** The rows below the pivots, by position in the order of elimination … */
  readonly rows: Int32Array;
  /** … and by index in the parent's front. */
  readonly parentRows: Int32Array;
  /** Starts into `children`. */
  readonly childStart: Int32Array;
  readonly children: Int32Array;
  /** Starts into `source` (an entry of the matrix) and `target` (its offset in the front). */
  readonly entryStart: Int32Array;
  readonly source: Int32Array;
  readonly target: Int32Array;
}

export function layOut(pattern: SparsityPattern, { order, supernodes }: Elimination): Fronts {
  const sizes = supernodes.map((s) => s.width + s.rows.length);
  const factors = starts(supernodes.map((s, i) => s.width * (sizes[i] + s.rows.length)));
  const rowStart = starts(supernodes.map((s) => s.rows.length));
  const children = supernodes.map((): number[] => []);
  supernodes.forEach((s, i) => s.parent >= 0 && children[s.parent].push(i));
  const entries = entriesOfFronts(pattern, order, supernodes);
  const offset = frontOffsets(sizes, supernodes, children);
  return {
    count: supernodes.length,
    first: Int32Array.from(supernodes, (s) => s.first),
    width: Int32Array.from(supernodes, (s) => s.width),
    size: Int32Array.from(sizes),
    offset,
    frontMemory: sizes.reduce((memory, size, i) => Math.max(memory, offset[i] + size * size), 0),
    factors,
    workSize: factors[supernodes.length],
    rowStart,
    rows: Int32Array.from(supernodes.flatMap((s) => [...s.rows])),
    parentRows: Int32Array.from(supernodes.flatMap((s) => Array.from(s.rows, (row) => rowIn(supernodes[s.parent], row)))),
    childStart: starts(children.map((c) => c.length)),
    children: Int32Array.from(children.flat()),
    entryStart: starts(entries.map((e) => e.source.length)),
    source: Int32Array.from(entries.flatMap((e) => e.source)),
    target: Int32Array.from(entries.flatMap((e) => e.target)),
  };
}

/** 0, and the running sums. */
function starts(counts: readonly number[]): Int32Array {
  const result = new Int32Array(counts.length + 1);
  counts.forEach((count, i) => (result[i + 1] = result[i] + count));
  return result;
}

/** Where a position in the order of elimination lies in a front, by bisection of its rows. */
function rowIn({ first, width, rows }: Supernode, position: number): number {
  if (position < first + width) return position - first;
  let [low, high] = [0, rows.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (rows[middle] < position) low = middle + 1;
    else high = middle;
  }
  return width + low;
}

interface Entries {
  readonly source: number[];
  readonly target: number[];
}

/** Each entry of the matrix enters the front that eliminates the earlier of its row and column. */
function entriesOfFronts(pattern: SparsityPattern, order: Int32Array, supernodes: readonly Supernode[]): Entries[] {
  const position = new Int32Array(order.length);
  order.forEach((column, k) => (position[column] = k));
  const frontOf = new Int32Array(order.length);
  supernodes.forEach((s, i) => frontOf.fill(i, s.first, s.first + s.width));
  const entries = supernodes.map((): Entries => ({ source: [], target: [] }));
  for (let column = 0; column < pattern.columns; column++) {
    columnOf(pattern, column).forEach((row, k) => {
      const [r, c] = [position[row], position[column]];
      const front = frontOf[Math.min(r, c)];
      const supernode = supernodes[front];
      const size = supernode.width + supernode.rows.length;
      entries[front].source.push(pattern.columnPointers[column] + k);
      entries[front].target.push(rowIn(supernode, c) * size + rowIn(supernode, r));
    });
  }
  return entries;
}

/** Where fronts lie, first fit, so that each overlaps none that its parent has not yet taken up. */
function frontOffsets(
  sizes: readonly number[],
  supernodes: readonly Supernode[],
  children: readonly (readonly number[])[],
): Int32Array {
  const offset = new Int32Array(sizes.length);
  // Those whose parents are still to come, by offset.
  const alive: number[] = [];
  sizes.forEach((size, i) => {
    const length = size * size;
    let [at, slot] = [0, 0];
    while (slot < alive.length && at + length > offset[alive[slot]]) {
      at = offset[alive[slot]] + sizes[alive[slot]] ** 2;
      slot++;
    }
    offset[i] = at;
    if (supernodes[i].parent >= 0) alive.splice(slot, 0, i);
    for (const child of children[i]) alive.splice(alive.indexOf(child), 1);
  });
  return offset;
}
