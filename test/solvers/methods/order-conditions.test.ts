/**
 * The tableaus meet the conditions of their orders: for every rooted tree τ of at most so many vertices,
 * Σ bᵢ Φᵢ(τ) = 1 / γ(τ) (E. Hairer, S. P. Nørsett, G. Wanner, Solving Ordinary Differential Equations I, 2nd ed. (1993), II.2,
 * theorem 2.13). One digit that is wrong in a tableau fails here, where a convergence test may not see it.
 */
import { describe, expect, it } from "vitest";
import { isExplicit } from "../../../solvers/families/explicit/family.ts";
import type { ExplicitTableau } from "../../../solvers/families/explicit/tableau.ts";
import { rosenbrock } from "../../../solvers/families/rosenbrock/family.ts";
import type { RosenbrockMethod, RosenbrockTableau } from "../../../solvers/families/rosenbrock/tableau.ts";
import { sdirk } from "../../../solvers/families/sdirk/family.ts";
import type { SdirkMethod } from "../../../solvers/families/sdirk/tableau.ts";
import { everyMethod, methodNames } from "../../tables.ts";

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

/** Stages as rows, and the weights of the solution and of its error estimate. */
interface Rows {
  readonly alpha: Matrix;
  readonly beta: Matrix;
  readonly b: readonly number[];
  readonly error?: readonly number[];
}

type Matrix = readonly (readonly number[])[];

/** With the derivative at the step's end as a last stage: an error estimate may use it. */
function rowsOfExplicit({ stages, b, error }: ExplicitTableau): Rows {
  const alpha = [[], ...stages.map(({ a }) => a), b];
  return { alpha, beta: alpha, b, error };
}

/** With Γ⁻¹ = I / γ - C, α = a Γ, β = α + Γ, and the weights times Γ: the stages are k, not U = Γ h k. */
function rowsOfRosenbrock({ gamma, a, C, b, error }: RosenbrockTableau): Rows {
  const n = b.length;
  const times = (row: readonly number[]): number[] => {
    // x Γ⁻¹ = row, from the last: Γ⁻¹ is lower triangular.
    const x = new Array<number>(n).fill(0);
    for (let j = n - 1; j >= 0; j--) {
      let rest = row[j] ?? 0;
      for (let i = j + 1; i < n; i++) rest += x[i] * (C[i][j] ?? 0);
      x[j] = rest * gamma;
    }
    return x;
  };
  const alpha = a.map(times);
  const unit = (i: number): number[] => Array.from({ length: i + 1 }, (_, j) => (i === j ? 1 : 0));
  const beta = alpha.map((row, i) => times(unit(i)).map((x, j) => x + row[j]));
  return { alpha, beta, b: times(b), error: times(error) };
}

/** Φᵢ of each stage: by β where a vertex has one branch alone, else by α. */
function weightsOf({ subtrees }: Tree, rows: Rows): number[] {
  const below = subtrees.map((subtree) => weightsOf(subtree, rows));
  const matrix = subtrees.length === 1 ? rows.beta : rows.alpha;
  return matrix.map((row) => below.reduce((product, w) => product * row.reduce((sum, a, j) => sum + a * w[j], 0), 1));
}

function defects(rows: Rows, weights: readonly number[], order: number): number[] {
  return Array.from({ length: order }, (_, k) => treesOf(k + 1))
    .flat()
    .map((tree) => {
      const stages = weightsOf(tree, rows);
      return weights.reduce((sum, w, i) => sum + w * stages[i], 0) - 1 / density(tree);
    });
}

const largest = (values: readonly number[]): number => Math.max(...values.map(Math.abs));
const total = (row: readonly number[]): number => row.reduce((x, y) => x + y, 0);

const methods = everyMethod(1);
const explicitMethods = methods.filter(isExplicit);
const rosenbrockMethods = methods.filter((method): method is RosenbrockMethod => method.family === (rosenbrock as unknown));
const sdirkMethods = methods.filter((method): method is SdirkMethod => method.family === (sdirk as unknown));

it("there are 1, 1, 2, 4, 9, 20, 48 trees", () => {
  expect([1, 2, 3, 4, 5, 6, 7].map((vertices) => treesOf(vertices).length)).toEqual([1, 1, 2, 4, 9, 20, 48]);
});

it("every method is of a family whose conditions are here", () => {
  expect([...explicitMethods, ...rosenbrockMethods, ...sdirkMethods].map(({ name }) => name).toSorted()).toEqual(
    [...methodNames].toSorted(),
  );
});

describe.each(explicitMethods)("$name", ({ tableau, order, dt }) => {
  const rows = rowsOfExplicit(tableau);

  it("each stage is taken at the time that its weights sum to", () => {
    expect(largest(tableau.stages.map(({ c, a }) => c - total(a)))).toBeLessThan(1e-12);
  });

  it("meets all conditions of its order, and not all of the next", () => {
    expect(largest(defects(rows, rows.b, order))).toBeLessThan(1e-12);
    expect(largest(defects(rows, rows.b, order + 1))).toBeGreaterThan(1e-6);
  });

  it("its embedded method, if it has one, has an order less by one", () => {
    if (!rows.error) return expect(dt).toBe(1);
    const embedded = rows.error.map((e, i) => (rows.b[i] ?? 0) - e);
    expect(largest(defects(rows, embedded, order - 1))).toBeLessThan(1e-12);
    expect(largest(defects(rows, embedded, order))).toBeGreaterThan(1e-6);
  });
});

// Hairer, Wanner, Solving Ordinary Differential Equations II, 2nd ed. (1996), IV.7, theorem 7.3.
describe.each(rosenbrockMethods)("$name", ({ tableau, order }) => {
  const rows = rowsOfRosenbrock(tableau);
  const { gamma, c, d, errorOrder } = tableau;

  it("each stage is taken at the time that its weights sum to, with the part of ∂f/∂t that goes with it", () => {
    expect(largest(rows.alpha.map((row, i) => total(row) - c[i]))).toBeLessThan(1e-10);
    expect(largest(rows.beta.map((row, i) => total(row) - c[i] - d[i]))).toBeLessThan(1e-10);
    expect(largest(rows.beta.map((row, i) => row[i] - gamma))).toBeLessThan(1e-14);
  });

  it("meets all conditions of its order, and not all of the next", () => {
    expect(largest(defects(rows, rows.b, order))).toBeLessThan(1e-10);
    expect(largest(defects(rows, rows.b, order + 1))).toBeGreaterThan(1e-6);
  });

  it("its error estimate shrinks with the power of h that it states", () => {
    const embedded = rows.b.map((b, i) => b - rows.error![i]);
    const least = Math.min(order, errorOrder - 1);
    expect(largest(defects(rows, embedded, least))).toBeLessThan(1e-10);
    // The two differ in that order.
    const [own, other] = [rows.b, embedded].map((weights) => defects(rows, weights, errorOrder));
    expect(largest(own.map((x, i) => x - other[i]))).toBeGreaterThan(1e-6);
  });
});

describe.each(sdirkMethods)("$name", ({ tableau: { a, b, c, error, errorOrder }, order, dt }) => {
  const rows: Rows = { alpha: a, beta: a, b, error };
  const gamma = a.at(-1)!.at(-1)!;

  it("each stage is taken at the time that its weights sum to, and has the one γ, or none as the first", () => {
    expect(largest(a.map((row, i) => total(row) - c[i]))).toBeLessThan(1e-12);
    expect(a.every((row, i) => row.length === i + 1 && (row[i] === gamma || (i === 0 && row[i] === 0)))).toBe(true);
  });

  it("meets all conditions of its order, and not all of the next", () => {
    expect(largest(defects(rows, b, order))).toBeLessThan(1e-12);
    expect(largest(defects(rows, b, order + 1))).toBeGreaterThan(1e-6);
  });

  it("its error estimate, if it has one, shrinks with the power of h that it states", () => {
    if (!error) return expect(dt).toBe(1);
    const embedded = b.map((weight, i) => weight - error[i]);
    expect(largest(defects(rows, embedded, Math.min(order, errorOrder - 1)))).toBeLessThan(1e-12);
    const [own, other] = [b, embedded].map((weights) => defects(rows, weights, errorOrder));
    expect(largest(own.map((x, i) => x - other[i]))).toBeGreaterThan(1e-6);
  });

  it("is L-stable: what decays at once is gone after a step", () => {
    // R(z) = 1 + z Σ bᵢ kᵢ with kᵢ = 1 + z Σ aᵢⱼ kⱼ.
    const z = -1e9;
    const k: number[] = [];
    for (const row of a) k.push((1 + z * total(row.slice(0, -1).map((x, j) => x * k[j]))) / (1 - z * row.at(-1)!));
    expect(Math.abs(1 + z * total(b.map((weight, i) => weight * k[i])))).toBeLessThan(1e-6);
  });
});
