/**
 * Whether a matrix is a narrow band, as that of one-dimensional problems is: as it stands, or in the order of Cuthill and McKee (1969,
 * "Reducing the bandwidth of sparse symmetric matrices") from a node far out (George & Liu 1979, "An implementation of a
 * pseudoperipheral node finder"), which interleaves what is laid out species by species and folds rings.
 */
import { adjacencyOf, eachEntry, neighboursOf, type Adjacency } from "../../src/analysis/pattern.ts";
import type { SparsityPattern } from "../../src/analysis/sparsity.ts";

export interface Band {
  /** Diagonals below and above the main one. */
  readonly lower: number;
  readonly upper: number;
  /** order[k] is the unknown that is the k-th, and position the inverse of that; absent: they are as they stand. */
  readonly order?: Int32Array;
  readonly position?: Int32Array;
}

/** Diagonals on either side, at most: rows are written out, and wider bands are better eliminated in fronts. */
export const WIDEST = 8;

/** How often what is farthest from a node is taken in its place. */
const SEARCHES = 2;

/** The band that the pattern's entries lie in; undefined where there is none that is narrow. */
export function bandOf(pattern: SparsityPattern): Band | undefined {
  const own = widths(pattern);
  if (isNarrow(own)) return own;
  const adjacency = adjacencyOf(pattern);
  // In any order, a row has all its neighbours within the band.
  for (let i = 0; i < pattern.columns; i++) if (neighboursOf(adjacency, i).length > 2 * WIDEST) return undefined;
  const order = breadthFirst(adjacency);
  const position = new Int32Array(order.length);
  order.forEach((unknown, k) => (position[unknown] = k));
  const ordered = { ...widths(pattern, position), order, position };
  return isNarrow(ordered) ? ordered : undefined;
}

function isNarrow({ lower, upper }: Band): boolean {
  return Math.max(lower, upper) <= WIDEST;
}

function widths(pattern: SparsityPattern, position?: Int32Array): Pick<Band, "lower" | "upper"> {
  let [lower, upper] = [0, 0];
  eachEntry(pattern, (_, row, column) => {
    const distance = position ? position[column] - position[row] : column - row;
    lower = Math.max(lower, -distance);
    upper = Math.max(upper, distance);
  });
  return { lower, upper };
}

/** Every component level by level from a node far out, neighbours of lower degree first. */
function breadthFirst(adjacency: Adjacency): Int32Array {
  const n = adjacency.start.length - 1;
  const order = new Int32Array(n);
  const isPlaced = new Uint8Array(n);
  const degrees = Int32Array.from({ length: n }, (_, i) => neighboursOf(adjacency, i).length);
  /** The component of a root, from order[begin] on; returns where it ends. */
  const visit = (root: number, begin: number): number => {
    let end = begin;
    order[end++] = root;
    isPlaced[root] = 1;
    for (let k = begin; k < end; k++) {
      const first = end;
      for (const j of neighboursOf(adjacency, order[k])) {
        if (isPlaced[j]) continue;
        isPlaced[j] = 1;
        order[end++] = j;
      }
      if (end - first > 1) order.subarray(first, end).sort((a, b) => degrees[a] - degrees[b] || a - b);
    }
    return end;
  };
  let placed = 0;
  for (let i = 0; i < n; i++) {
    if (isPlaced[i]) continue;
    let [root, end] = [i, placed];
    for (let search = 0; search <= SEARCHES; search++) {
      for (let k = placed; k < end; k++) isPlaced[order[k]] = 0;
      end = visit(root, placed);
      root = order[end - 1];
    }
    placed = end;
  }
  return order;
}
