/**
 * The tableaus of explicit methods meet the conditions of their orders: for every rooted tree τ of at most so many vertices,
 * Σ bᵢ Φᵢ(τ) = 1 / γ(τ) (E. Hairer, S. P. Nørsett, G. Wanner, Solving Ordinary Differential Equations I, 2nd ed. (1993), II.2,
 * theorem 2.13). One digit that is wrong in a tableau fails here, where a convergence test may not see it.
 */
import { describe, expect, it } from "vitest";
import { isExplicit } from "../../../solvers/families/explicit/family.ts";
import type { ExplicitTableau } from "../../../solvers/families/explicit/tableau.ts";
import { everyMethod } from "../../tables.ts";

/** By its subtrees, in an order of their own. */
interface Tree {
  readonly name: string;
  readonly vertices: number;
  readonly subtrees: readonly Tree[];
}

/** All rooted trees of so many vertices. */
function treesOf(vertices: number): Tree[] {
  const found = new Map<string, Tree>();
  const add = (subtrees: readonly Tree[], left: number): void => {
    if (left === 0) {
      const ordered = subtrees.toSorted((a, b) => (a.name < b.name ? -1 : 1));
      const name = `[${ordered.map((tree) => tree.name).join("")}]`;
      found.set(name, { name, vertices, subtrees: ordered });
    }
    for (let size = 1; size <= left; size++) for (const tree of treesOf(size)) add([...subtrees, tree], left - size);
  };
  add([], vertices - 1);
  return [...found.values()];
}

const density = ({ vertices, subtrees }: Tree): number => subtrees.reduce((product, tree) => product * density(tree), vertices);

/** Φᵢ of each stage, the derivative at the step's end as the last. */
function weightsOf(tree: Tree, rows: readonly (readonly number[])[]): number[] {
  const below = tree.subtrees.map((subtree) => weightsOf(subtree, rows));
  return rows.map((row) => below.reduce((product, w) => product * row.reduce((sum, a, j) => sum + a * w[j], 0), 1));
}

function defects({ stages, b }: ExplicitTableau, weights: readonly number[], order: number): number[] {
  const rows = [[], ...stages.map(({ a }) => a), b];
  return Array.from({ length: order }, (_, k) => treesOf(k + 1))
    .flat()
    .map((tree) => weights.reduce((sum, w, i) => sum + w * weightsOf(tree, rows)[i], 0) - 1 / density(tree));
}

const largest = (values: readonly number[]): number => Math.max(...values.map(Math.abs));

const explicitMethods = everyMethod(1).filter(isExplicit);

it("there are 1, 1, 2, 4, 9, 20, 48 trees", () => {
  expect([1, 2, 3, 4, 5, 6, 7].map((vertices) => treesOf(vertices).length)).toEqual([1, 1, 2, 4, 9, 20, 48]);
});

describe.each(explicitMethods)("$name", (method) => {
  const { tableau, order } = method;
  const { stages, b, error } = tableau;

  it("each stage is taken at the time that its weights sum to", () => {
    expect(largest(stages.map(({ c, a }) => c - a.reduce((x, y) => x + y, 0)))).toBeLessThan(1e-12);
  });

  it("meets all conditions of its order, and not all of the next", () => {
    expect(largest(defects(tableau, b, order))).toBeLessThan(1e-12);
    expect(largest(defects(tableau, b, order + 1))).toBeGreaterThan(1e-6);
  });

  it("its embedded method, if it has one, has an order less by one", () => {
    if (!error) return expect(method.dt).toBe(1);
    const embedded = error.map((e, i) => (b[i] ?? 0) - e);
    expect(largest(defects(tableau, embedded, order - 1))).toBeLessThan(1e-12);
    expect(largest(defects(tableau, embedded, order))).toBeGreaterThan(1e-6);
  });
});
