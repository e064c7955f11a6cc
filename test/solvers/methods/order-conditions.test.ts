/**
 * The tableaus meet the conditions of their orders: for every rooted tree τ of at most so many vertices,
 * Σ bᵢ Φᵢ(τ) = 1 / γ(τ) (E. Hairer, S. P. Nørsett, G. Wanner, Solving Ordinary Differential Equations I, 2nd ed. (1993), II.2,
 * theorem 2.13). One digit that is wrong in a tableau fails here, where a convergence test may not see it.
 */
import { describe, expect, it } from "vitest";
import { isExplicit } from "../../../solvers/families/explicit/family.ts";
import { denseWeights, type ExplicitTableau } from "../../../solvers/families/explicit/tableau.ts";
import { adams } from "../../../solvers/families/adams/family.ts";
import { bdf } from "../../../solvers/families/bdf/family.ts";
import { coefficientsOf } from "../../../solvers/families/radau/coefficients.ts";
import { radau } from "../../../solvers/families/radau/family.ts";
import type { RadauMethod } from "../../../solvers/families/radau/tableau.ts";
import { rock } from "../../../solvers/families/rock/family.ts";
import { rosenbrock } from "../../../solvers/families/rosenbrock/family.ts";
import type { RosenbrockMethod, RosenbrockTableau } from "../../../solvers/families/rosenbrock/tableau.ts";
import { centred } from "../../../solvers/step/dense-form.ts";
import { stabilized } from "../../../solvers/families/stabilized/family.ts";
import { sdirk } from "../../../solvers/families/sdirk/family.ts";
import type { SdirkMethod, SdirkTableau } from "../../../solvers/families/sdirk/tableau.ts";
import type { Piece } from "../../../solvers/newton/coupling.ts";
import { alternatingMethods, everyMethod, methodNames } from "../../tables.ts";

/** By its subtrees, in an order of their own. */
interface Tree {
  readonly name: string;
  readonly vertices: number;
  readonly subtrees: readonly Tree[];
}

const trees = new Map<number, Tree[]>();

/** All rooted trees of so many vertices. */
function treesOf(vertices: number): Tree[] {
  if (!trees.has(vertices)) trees.set(vertices, makeTrees(vertices));
  return trees.get(vertices)!;
}

function makeTrees(vertices: number): Tree[] {
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
function rowsOfRosenbrock({ gamma, a, C, b, error, H }: RosenbrockTableau): Rows & { readonly q: Matrix } {
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
  return { alpha, beta, b: times(b), error: times(error), q: centred(H).map(times) };
}

/** Φᵢ of each stage: by β where a vertex has one branch alone, else by α. */
function weightsOf({ subtrees }: Tree, rows: Rows): number[] {
  const below = subtrees.map((subtree) => weightsOf(subtree, rows));
  const matrix = subtrees.length === 1 ? rows.beta : rows.alpha;
  return matrix.map((row) => below.reduce((product, w) => product * row.reduce((sum, a, j) => sum + a * w[j], 0), 1));
}

/** Of the state at `theta`, a part of the step: Σ bᵢ(θ) Φᵢ(τ) − θ^|τ| / γ(τ). */
function defects(rows: Rows, weights: readonly number[], order: number, theta = 1): number[] {
  return Array.from({ length: order }, (_, k) => treesOf(k + 1))
    .flat()
    .map((tree) => {
      const stages = weightsOf(tree, rows);
      return weights.reduce((sum, w, i) => sum + w * stages[i], 0) - theta ** tree.vertices / density(tree);
    });
}

const largest = (values: readonly number[]): number => Math.max(...values.map(Math.abs));
const total = (row: readonly number[]): number => row.reduce((x, y) => x + y, 0);

const methods = everyMethod(1);
const explicitMethods = methods.filter(isExplicit);
const rosenbrockMethods = methods.filter((method): method is RosenbrockMethod => method.family === (rosenbrock as unknown));
const sdirkMethods = methods.filter((method): method is SdirkMethod => method.family === (sdirk as unknown));
const radauMethods = methods.filter((method): method is RadauMethod => method.family === (radau as unknown));

/** Their coefficients are formulas: see families/stabilized.test.ts. */
const stabilizedMethods = methods.filter((method) => method.family === (stabilized as unknown));

/** See families/rock.test.ts. */
const rockMethods = methods.filter((method) => method.family === (rock as unknown));

/** Of a dense output; no polynomial that is wrong has roots at all of these. */
const thetas = [0.15, 0.3, 0.45, 0.6, 0.75, 0.9];

/** What the derivatives count for at θ, where qⱼ has these weights (see dense-form.ts). */
function weightsAt(theta: number, b: readonly number[], q: readonly (readonly number[])[]): number[] {
  const length = Math.max(...q.map((weights) => weights.length));
  return Array.from({ length }, (_, i) => {
    const bend = q.reduce((sum, weights, j) => sum + (2 * theta - 1) ** j * (weights[i] ?? 0), 0);
    return theta * ((b[i] ?? 0) + (1 - theta) * bend);
  });
}

it("there are 1, 1, 2, 4, 9, 20, 48 trees", () => {
  expect([1, 2, 3, 4, 5, 6, 7].map((vertices) => treesOf(vertices).length)).toEqual([1, 1, 2, 4, 9, 20, 48]);
});

it("every method is of a family whose conditions are here, or in bdf.test.ts, adams.test.ts and symplectic.test.ts of test/solvers/families", () => {
  const multistepMethods = methods.filter(({ family }) => [adams, bdf].includes(family as never));
  expect(
    [
      ...explicitMethods,
      ...rosenbrockMethods,
      ...sdirkMethods,
      ...radauMethods,
      ...stabilizedMethods,
      ...rockMethods,
      ...multistepMethods,
      ...alternatingMethods(1),
    ]
      .map(({ name }) => name)
      .toSorted(),
  ).toEqual([...methodNames].toSorted());
});

/** The highest order of which weights meet all conditions, to rounding. */
function orderOf(rows: Rows, weights: readonly number[], allowed: number): number {
  let order = 0;
  while (largest(defects(rows, weights, order + 1)) < allowed) order++;
  return order;
}

describe.each(explicitMethods)("$name", ({ name, tableau, order, dt }) => {
  const rows = rowsOfExplicit(tableau);
  /** Of weights: what the rounding of coefficients that are large makes of their conditions. */
  const rounding = (weights: readonly number[]): number =>
    Math.max(1e-12, 2 ** -48 * largest(weights) * largest(tableau.stages.flatMap(({ a }) => a)));

  it("each stage is taken at the time that its weights sum to", () => {
    expect(largest(tableau.stages.map(({ c, a }) => c - total(a)))).toBeLessThan(1e-12);
  });

  it("meets all conditions of its order, and not all of the next", () => {
    expect(largest(defects(rows, rows.b, order))).toBeLessThan(rounding(rows.b));
    expect(largest(defects(rows, rows.b, order + 1))).toBeGreaterThan(1e-7);
  });

  it("its error estimate, if it has one, shrinks with the power of h that it states, by default the method's order", () => {
    const { error, coarseError, errorOrder = order } = tableau;
    if (!error) return expect(dt).toBe(1);
    const powerOf = (estimate: readonly number[]): number => {
      const embedded = estimate.map((e, i) => (rows.b[i] ?? 0) - e);
      return 1 + orderOf(rows, embedded, rounding(embedded));
    };
    // |e|² / √(|e|² + 0.01 |ẽ|²) shrinks as |e|² / |ẽ|.
    expect(coarseError ? 2 * powerOf(error) - powerOf(coarseError) : powerOf(error)).toBe(errorOrder);
  });

  it("its dense output meets the conditions of the order below, Verner's those of its order: it errs by as much as the step", () => {
    const q = denseWeights(tableau);
    const met = name.startsWith("vern") ? order : order - 1;
    const extra = (tableau.dense && "polynomials" in tableau.dense && tableau.dense.extra) || [];
    const alpha = [...rows.alpha, ...extra.map(({ a }) => a)];
    for (const theta of thetas) {
      const weights = weightsAt(theta, tableau.b, q);
      expect(largest(defects({ ...rows, alpha, beta: alpha }, weights, met, theta))).toBeLessThan(rounding(weights));
    }
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

  it("its dense output meets the conditions of the order below: it errs by as much as the step", () => {
    for (const theta of thetas) {
      expect(largest(defects(rows, weightsAt(theta, rows.b, rows.q), order - 1, theta))).toBeLessThan(1e-10);
    }
  });
});

describe.each(sdirkMethods)("$name", ({ tableau, order, dt }) => {
  const { a, b, c, error, errorOrder, correction, atInfinity = 0 } = tableau;
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
    expect(largest(defects(rows, embedded, Math.min(order, errorOrder! - 1)))).toBeLessThan(1e-12);
    const [own, other] = [b, embedded].map((weights) => defects(rows, weights, errorOrder!));
    expect(largest(own.map((x, i) => x - other[i]))).toBeGreaterThan(1e-6);
  });

  it("its dense output meets the conditions of the order below: it errs by as much as the step", () => {
    // The slopes at both ends are stages of their own: f, and f of what the step comes to.
    const alpha = [[], ...a.map((row) => [0, ...row]), [0, ...b]];
    const slopes = (first: number, step: number, last: number): number[] => [first, ...b.map((weight) => step * weight), last];
    const d = [0, ...(correction ?? b.map(() => 0))];
    const q = [slopes(1 / 2, 0, -1 / 2).map((x, i) => x + (d[i] ?? 0) / 4), slopes(-1 / 2, 1, -1 / 2), d.map((x) => -x / 4)];
    for (const theta of thetas) {
      const weights = weightsAt(theta, [0, ...b], q);
      expect(largest(defects({ alpha, beta: alpha, b }, weights, order - 1, theta))).toBeLessThan(1e-12);
    }
  });

  it("is A-stable, and leaves of what decays at once as much as it states", () => {
    for (const y of [1e-3, 0.1, 0.3, 1, 2, 3, 5, 8, 13, 30, 100, 1e4]) expect(growth(tableau, [0, y])).toBeLessThan(1 + 1e-12);
    expect(Math.abs(growth(tableau, [-1e9, 0]) - atInfinity)).toBeLessThan(1e-6);
  });
});

const additiveMethods = sdirkMethods.filter(({ tableau }) => tableau.explicit);

/** Trees whose branches are each of one half, the explicit or the implicit one: of so many vertices. */
function twoColoured(vertices: number): Coloured[] {
  if (!coloured.has(vertices)) {
    const found = new Map<string, Coloured>();
    const add = (branches: readonly Branch[], left: number): void => {
      if (left === 0) {
        const named = branches.map((branch) => `${branch.half}${branch.tree.name}`).toSorted();
        const density = branches.reduce((product, { tree }) => product * tree.density, vertices);
        found.set(named.join(), { name: `[${named.join("")}]`, density, branches });
      }
      for (let size = 1; size <= left; size++) {
        for (const tree of twoColoured(size)) for (const half of [0, 1] as const) add([...branches, { half, tree }], left - size);
      }
    };
    add([], vertices - 1);
    coloured.set(vertices, [...found.values()]);
  }
  return coloured.get(vertices)!;
}

interface Branch {
  readonly half: 0 | 1;
  readonly tree: Coloured;
}

interface Coloured {
  readonly name: string;
  readonly density: number;
  readonly branches: readonly Branch[];
}

const coloured = new Map<number, Coloured[]>();

// C. A. Kennedy, M. H. Carpenter, Appl. Numer. Math. 44 (2003) 139–181, section 2.1: the conditions of both halves, and of their coupling.
describe.each(additiveMethods)("$name, of two parts", ({ tableau, order }) => {
  const { a, b, c, error, explicit } = tableau;
  const halves = [explicit!.a, a];
  const phi = ({ branches }: Coloured): number[] => {
    const below = branches.map(({ half, tree }) => ({ rows: halves[half], weights: phi(tree) }));
    return b.map((_, i) =>
      below.reduce((product, { rows, weights }) => product * rows[i].reduce((sum, x, j) => sum + x * weights[j], 0), 1),
    );
  };
  const sumsOf = (weights: readonly number[], vertices: number): { sum: number; density: number }[] =>
    twoColoured(vertices).map((tree) => ({ sum: total(phi(tree).map((x, i) => weights[i] * x)), density: tree.density }));
  const missed = (vertices: number): number => largest(sumsOf(b, vertices).map(({ sum, density }) => sum - 1 / density));

  it("the explicit stages are taken at the times of the implicit ones, and use none but those before", () => {
    expect(largest(explicit!.a.map((row, i) => total(row) - c[i]))).toBeLessThan(1e-12);
    expect(explicit!.a.map((row) => row.length)).toEqual(a.map((_, i) => i));
  });

  it("there are 1, 2, 7, 26, 107 such trees, and all conditions are met to its order, but not beyond", () => {
    expect([1, 2, 3, 4, 5].map((vertices) => twoColoured(vertices).length)).toEqual([1, 2, 7, 26, 107]);
    for (let vertices = 1; vertices <= order; vertices++) expect(missed(vertices)).toBeLessThan(1e-12);
    expect(missed(order + 1)).toBeGreaterThan(1e-4);
  });

  it("its estimate of the error meets those below its order, and not all of that", () => {
    const estimate = explicit!.error ?? error!;
    for (let vertices = 1; vertices < order; vertices++) {
      expect(largest(sumsOf(estimate, vertices).map(({ sum }) => sum))).toBeLessThan(1e-12);
    }
    expect(largest(sumsOf(estimate, order).map(({ sum }) => sum))).toBeGreaterThan(1e-4);
  });
});

describe.each(radauMethods)("$name", ({ tableau: { nodes, errorOrder }, order }) => {
  const { coupling, gamma, error, dense } = coefficientsOf(nodes);
  const s = nodes.length;
  const { K } = coupling;
  const a = inverseOf(K);
  const b = a[s - 1];
  // With the derivative at the step's beginning as a first stage: the error estimate uses it.
  const alpha = [[], ...a.map((row) => [0, ...row])];
  const rows: Rows = { alpha, beta: alpha, b: [0, ...b] };
  /** What weights of the zᵢ are of the derivatives. */
  const ofSlopes = (weights: readonly number[]): number[] => nodes.map((_, j) => total(weights.map((w, i) => w * a[i][j])));

  it("each stage is taken at the time that its weights sum to, and the last at the end", () => {
    expect(largest(a.map((row, i) => total(row) - nodes[i]))).toBeLessThan(1e-13);
    expect(nodes[s - 1]).toBe(1);
  });

  it("meets all conditions of its order, and not all of the next", () => {
    expect(order).toBe(2 * s - 1);
    expect(largest(defects(rows, rows.b, order))).toBeLessThan(1e-13);
    expect(largest(defects(rows, rows.b, order + 1))).toBeGreaterThan(1e-9);
  });

  it("its error estimate shrinks with the power of h that it states", () => {
    const embedded = [1 / gamma, ...ofSlopes(error).map((e, i) => b[i] + e)];
    expect(largest(defects(rows, embedded, errorOrder - 1))).toBeLessThan(1e-13);
    expect(largest(defects(rows, embedded, errorOrder))).toBeGreaterThan(1e-6);
  });

  it("its dense output is of the order of its stages", () => {
    const q = dense.map((weights) => [0, ...ofSlopes(weights)]);
    for (const theta of thetas) {
      const weights = weightsAt(theta, rows.b, q);
      expect(largest(defects(rows, weights, s, theta))).toBeLessThan(1e-13);
      expect(largest(defects(rows, weights, s + 1, theta))).toBeGreaterThan(1e-7);
    }
  });

  it("its matrix is what its pieces make of it", () => {
    const whole = K.map((row, i) => row.map((_, j) => total(coupling.pieces.map((piece) => entryOf(piece, i, j)))));
    expect(largest(whole.flatMap((row, i) => row.map((x, j) => x - K[i][j])))).toBeLessThan(1e-13 * largest(K.flat()));
  });
});

/** Of T Λ T⁻¹, what one block of Λ is in it. */
function entryOf({ block, columns, rows }: Piece, i: number, j: number): number {
  return total(columns.map((column, a) => total(rows.map((row, b) => column[i] * block[a][b] * row[j]))));
}

/** By Cramer's rule. */
function inverseOf(matrix: Matrix): number[][] {
  const without = (i: number, j: number): Matrix => matrix.filter((_, r) => r !== i).map((row) => row.filter((_, c) => c !== j));
  const all = determinant(matrix);
  return matrix.map((row, i) => row.map((_, j) => ((-1) ** (i + j) * determinant(without(j, i))) / all));
}

function determinant([first, ...rest]: Matrix): number {
  if (!first) return 1;
  return total(first.map((x, j) => (-1) ** j * x * determinant(rest.map((row) => row.filter((_, c) => c !== j)))));
}

/** |R(z)| of the stability function R(z) = 1 + z Σ bᵢ kᵢ, with kᵢ = 1 + z Σ aᵢⱼ kⱼ. */
function growth({ a, b }: SdirkTableau, z: Complex): number {
  const k: Complex[] = [];
  const after = (row: readonly number[]): Complex =>
    row.reduce<Complex>((sum, x, j) => plus(sum, times(times(z, [x, 0]), k[j])), [1, 0]);
  for (const row of a) k.push(quotient(after(row.slice(0, -1)), plus([1, 0], times(z, [-row.at(-1)!, 0]))));
  return Math.hypot(...after(b));
}

type Complex = readonly [re: number, im: number];
const plus = ([a, b]: Complex, [c, d]: Complex): Complex => [a + c, b + d];
const times = ([a, b]: Complex, [c, d]: Complex): Complex => [a * c - b * d, a * d + b * c];
const quotient = (x: Complex, [c, d]: Complex): Complex => times(x, [c / (c * c + d * d), -d / (c * c + d * d)]);
