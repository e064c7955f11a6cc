/**
 * Symbolic factorisation: which columns of the factors have (almost) the same structure and can be eliminated together, as one
 * dense front (Duff & Reid, "The multifrontal solution of indefinite sparse symmetric linear equations", 1983). The pattern is
 * that of A + Aᵀ, the pivots are on the diagonal.
 */
import type { SparsityPattern } from "../../src/analysis/sparsity.ts";
import { minimumDegree } from "./ordering.ts";
import { adjacencyOf, neighboursOf } from "../../src/analysis/pattern.ts";

/** Columns eliminated together. Indices are positions in the order of elimination. */
export interface Supernode {
  /** Its pivots are first, first + 1, …, first + width - 1. */
  readonly first: number;
  readonly width: number;
  /** The later rows (and, alike, columns) that its elimination changes, ascending. */
  readonly rows: Int32Array;
  /** Its parent in the tree: the supernode that eliminates the first of its rows; -1 at a root. */
  readonly parent: number;
}

export interface Elimination {
  /** order[k] is the column of A that is the k-th pivot. */
  readonly order: Int32Array;
  /** Children before parents. */
  readonly supernodes: readonly Supernode[];
}

export function planElimination(pattern: SparsityPattern): Elimination {
  const structure = structureOf(pattern, minimumDegree(pattern));
  const groups = amalgamate(fundamental(structure));
  return number(groups, structure);
}

/** Columns of L before they are grouped: the order, and below each diagonal the rows, ascending. */
interface Structure {
  readonly order: Int32Array;
  readonly below: readonly (readonly number[])[];
}

function structureOf(pattern: SparsityPattern, order: Int32Array): Structure {
  const adjacency = adjacencyOf(pattern);
  const position = new Int32Array(order.length);
  order.forEach((column, k) => (position[column] = k));
  const children: number[][] = Array.from(order, () => []);
  const below: number[][] = [];
  order.forEach((column, k) => {
    const rows = new Set<number>();
    for (const neighbour of neighboursOf(adjacency, column)) if (position[neighbour] > k) rows.add(position[neighbour]);
    for (const child of children[k]) for (const row of below[child]) if (row > k) rows.add(row);
    const sorted = [...rows].sort((a, b) => a - b);
    below.push(sorted);
    if (sorted.length) children[sorted[0]].push(k);
  });
  return { order, below };
}

interface Group {
  /** In their order of elimination; the last one's structure is the group's. */
  columns: number[];
  /** How many rows lie below. */
  height: number;
  parent: Group | undefined;
  children: Group[];
}

/** Groups columns whose structures differ only by their own pivots, and links them to a tree. */
function fundamental({ below }: Structure): Group[] {
  const groupOf: Group[] = new Array<Group>(below.length);
  const groups: Group[] = [];
  // From the root down: a column joins its parent's group, or starts one.
  for (let k = below.length - 1; k >= 0; k--) {
    const parent = below[k].length ? groupOf[below[k][0]] : undefined;
    if (parent && parent.columns[0] === below[k][0] && below[k].length === below[parent.columns[0]].length + 1) {
      parent.columns.unshift(k);
      groupOf[k] = parent;
    } else {
      const group: Group = { columns: [k], height: below[k].length, parent, children: [] };
      parent?.children.push(group);
      groupOf[k] = group;
      groups.push(group);
    }
  }
  return groups.reverse();
}

/** Right-hand sides that a factorization is used for: the stages of a step. */
const SOLVES = 8;

/**
 * About how many nanoseconds it takes to eliminate `width` pivots from a front with `height` more rows, and to solve with them: a
 * fixed part each time, memory traffic (assembling the front and its contribution; the factors), and arithmetic.
 */
export function costsOfFront(width: number, height: number): { readonly factor: number; readonly solve: number } {
  const size = width + height;
  const multiplications = sumOfSquares(size) - sumOfSquares(height);
  return {
    factor: 20 + 0.3 * size * size + 0.7 * height * height + 0.35 * multiplications,
    solve: 20 + 0.375 * width * (width + 2 * height),
  };
}

/** Of eliminating once, and solving as often as in a step. */
export function costOfFront(width: number, height: number): number {
  const { factor, solve } = costsOfFront(width, height);
  return factor + SOLVES * solve;
}

/** 0² + 1² + … + (n - 1)² */
function sumOfSquares(n: number): number {
  return ((n - 1) * n * (2 * n - 1)) / 6;
}

/** Merges groups into their parents where a larger front with some zeros is cheaper than two fronts. */
function amalgamate(groups: Group[]): Group[] {
  const merged = new Set<Group>();
  for (const group of groups) {
    const { parent } = group;
    if (!parent) continue;
    const [width, height] = [group.columns.length, parent.height];
    const apart = costOfFront(width, group.height) + costOfFront(parent.columns.length, height);
    if (costOfFront(width + parent.columns.length, height) >= apart) continue;
    parent.columns = [...group.columns, ...parent.columns];
    parent.children = [...parent.children.filter((child) => child !== group), ...group.children];
    for (const child of group.children) child.parent = parent;
    merged.add(group);
  }
  return groups.filter((group) => !merged.has(group));
}

/** Numbers groups and columns anew, along the tree, so that a group's columns are adjacent and its children come right before it. */
function number(groups: readonly Group[], { order, below }: Structure): Elimination {
  const placed: Group[] = [];
  const stack = groups.filter((group) => !group.parent);
  for (let group = stack.pop(); group; group = stack.pop()) {
    placed.push(group);
    stack.push(...group.children);
  }
  // Parents before children until now.
  placed.reverse();
  const position = new Int32Array(order.length);
  const columns = placed.flatMap((group) => group.columns);
  columns.forEach((column, k) => (position[column] = k));
  const indices = new Map(placed.map((group, s) => [group, s]));
  const supernodes = placed.map((group) => ({
    first: position[group.columns[0]],
    width: group.columns.length,
    rows: Int32Array.from(below[group.columns[group.columns.length - 1]], (row) => position[row]).sort(),
    parent: group.parent ? indices.get(group.parent)! : -1,
  }));
  return { order: Int32Array.from(columns, (column) => order[column]), supernodes };
}
