/**
 * The conditions of order of an explicit Runge–Kutta method: for every rooted tree τ of at most so many vertices,
 * Σ bᵢ Φᵢ(τ) = 1 / γ(τ) (E. Hairer, S. P. Nørsett, G. Wanner, Solving Ordinary Differential Equations I, 2nd ed. (1993), II.2,
 * theorem 2.13).
 */

interface Tree {
  /** Its subtrees in brackets: [] is the vertex alone, [[][]] a root with two leaves. */
  readonly name: string;
  /** γ */
  readonly density: number;
  readonly subtrees: readonly Tree[];
}

export interface Defect {
  readonly tree: string;
  readonly vertices: number;
  /** Σ bᵢ Φᵢ(τ) − 1 / γ(τ) */
  readonly size: number;
}

/** Of all trees of so many vertices, the condition that is missed by most. `a` are the rows of all stages. */
export function largestDefect(a: readonly (readonly number[])[], b: readonly number[], vertices: number): Defect {
  const weights = new Map<Tree, readonly number[]>();
  const weightsOf = (tree: Tree): readonly number[] => {
    const known = weights.get(tree);
    if (known) return known;
    const below = tree.subtrees.map(weightsOf);
    const phi = a.map((row) => below.reduce((product, w) => product * dot(row, w), 1));
    weights.set(tree, phi);
    return phi;
  };
  const defects = treesUpTo(vertices)[vertices].map((tree) => ({
    tree: tree.name,
    vertices,
    size: dot(b, weightsOf(tree)) - 1 / tree.density,
  }));
  return defects.reduce((x, y) => (Math.abs(y.size) > Math.abs(x.size) ? y : x));
}

function dot(row: readonly number[], values: readonly number[]): number {
  return row.reduce((sum, x, i) => sum + x * values[i], 0);
}

/** By their number of vertices. */
function treesUpTo(vertices: number): readonly (readonly Tree[])[] {
  const trees: Tree[][] = [[]];
  for (let size = 1; size <= vertices; size++) {
    const smaller = trees.flatMap((some, k) => some.map((tree) => ({ tree, size: k })));
    const found: Tree[] = [];
    // Subtrees in the order of `smaller`, so that each tree is met once.
    const grow = (from: number, left: number, subtrees: readonly Tree[]): void => {
      if (left === 0) {
        const density = subtrees.reduce((product, tree) => product * tree.density, size);
        found.push({ name: `[${subtrees.map(({ name }) => name).join("")}]`, density, subtrees });
      }
      for (let i = from; i < smaller.length && smaller[i].size <= left; i++) {
        grow(i, left - smaller[i].size, [...subtrees, smaller[i].tree]);
      }
    };
    grow(0, size - 1, []);
    trees.push(found);
  }
  return trees;
}
