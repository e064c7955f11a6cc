import { LuDecomposition, Matrix } from "ml-matrix";
import { describe, expect, it } from "vitest";
import { linearSolverFor, type LinearSolver } from "../../../solvers/linear/linear-solver.ts";
import { columnOf } from "../../../src/analysis/pattern.ts";
import { fromRows, type SparsityPattern } from "../../../src/analysis/sparsity.ts";
import { brusselatorPattern } from "./brusselator.ts";
import type { Target } from "../../../src/compile/compile.ts";
import { factored, random, targets, type Factored } from "./support.ts";

interface System extends Factored {
  readonly kind: LinearSolver["kind"];
  readonly n: number;
  /** The largest entry of b - W x (or b - Wᵀ x). */
  residual(right: ArrayLike<number>, x: ArrayLike<number>, transposed: boolean): number;
  readonly matrix: () => number[][];
}

function setup(
  pattern: SparsityPattern,
  values: Float64Array,
  d: number,
  target: Target,
  blocks?: readonly Int32Array[],
): System {
  const n = pattern.columns;
  const solver = linearSolverFor(pattern, blocks);
  const each = (visit: (row: number, column: number, w: number) => void): void => {
    for (let c = 0; c < n; c++) {
      columnOf(pattern, c).forEach((r, k) => visit(r, c, -values[pattern.columnPointers[c] + k]));
      visit(c, c, d);
    }
  };
  return {
    ...factored(solver, { n, size: solver.size, values, d }, target),
    kind: solver.kind,
    n,
    residual(right, x, transposed) {
      const rest = Float64Array.from(right);
      each((r, c, w) => (rest[transposed ? c : r] -= w * x[transposed ? r : c]));
      return Math.max(...rest.map(Math.abs));
    },
    matrix() {
      const rows = Array.from({ length: n }, () => new Array<number>(n).fill(0));
      each((r, c, w) => (rows[r][c] += w));
      return rows;
    },
  };
}

function randomPattern(n: number, perRow: number, seed: number): SparsityPattern {
  const next = random(seed);
  const rows = Array.from({ length: n }, () =>
    Int32Array.from(new Set(Array.from({ length: perRow }, () => Math.floor(next() * n)))).sort(),
  );
  return fromRows(rows, n);
}

const band = (n: number, width: number): SparsityPattern =>
  fromRows(
    Array.from({ length: n }, (_, i) =>
      Int32Array.from({ length: 2 * width + 1 }, (_, k) => i - width + k).filter((j) => j >= 0 && j < n),
    ),
    n,
  );

const full = (n: number): SparsityPattern => band(n, n - 1);

/** The first row and column full, and the diagonal: no fill in the right order, all in the wrong one. */
const arrow = (n: number): SparsityPattern =>
  fromRows(
    Array.from({ length: n }, (_, i) => (i === 0 ? Int32Array.from({ length: n }, (_, j) => j) : Int32Array.of(0, i))),
    n,
  );

/** Diagonals of their own number on either side. */
const lopsided = (n: number, lower: number, upper: number): SparsityPattern =>
  fromRows(
    Array.from({ length: n }, (_, i) =>
      Int32Array.from({ length: lower + 1 + upper }, (_, k) => i - lower + k).filter((j) => j >= 0 && j < n),
    ),
    n,
  );

/** Two species on a line or a ring, one after the other as arrays lie, that react in each cell and go to the next ones. */
const species = (cells: number, isRing: boolean): SparsityPattern =>
  fromRows(
    Array.from({ length: 2 * cells }, (_, i) => {
      const [cell, first] = [i % cells, i - (i % cells)];
      const around = [cell - 1, cell, cell + 1].map((c) => (isRing ? (c + cells) % cells : c));
      const own = around.filter((c) => c >= 0 && c < cells).map((c) => first + c);
      return Int32Array.from([...own, cells - first + cell]).sort();
    }),
    2 * cells,
  );

/** Without every tenth row and column but for what lies on the diagonal. */
const withoutSome = (pattern: SparsityPattern): SparsityPattern =>
  fromRows(
    Array.from({ length: pattern.columns }, (_, i) =>
      Int32Array.from([i - 1, i, i + 1]).filter((j) => j === i || (i % 10 !== 0 && j % 10 !== 0 && j > 0 && j < pattern.columns)),
    ),
    pattern.columns,
  );

/** Rows and columns in another order. */
function shuffled(pattern: SparsityPattern, seed: number): SparsityPattern {
  const [n, next] = [pattern.columns, random(seed)];
  const at = Array.from({ length: n }, (_, i) => [next(), i]).sort(([x], [y]) => x - y);
  const position = new Map(at.map(([, i], k) => [i, k]));
  const rows = Array.from({ length: n }, () => [] as number[]);
  for (let c = 0; c < n; c++) for (const r of columnOf(pattern, c)) rows[position.get(r)!].push(position.get(c)!);
  return fromRows(
    rows.map((row) => Int32Array.from(row).sort()),
    n,
  );
}

const patterns: [string, SparsityPattern, "dense" | "banded" | "sparse"][] = [
  ["one equation", full(1), "dense"],
  ["a full 5 x 5", full(5), "dense"],
  ["a tridiagonal 10", band(10, 1), "dense"],
  ["a full 70", full(70), "dense"],
  ["a tridiagonal 200", band(200, 1), "banded"],
  ["a band of 200", band(200, 3), "banded"],
  ["a band with more below", lopsided(80, 5, 2), "banded"],
  ["a band with nothing below", lopsided(80, 0, 3), "banded"],
  ["a wide band", band(90, 9), "sparse"],
  ["a tridiagonal in no order", shuffled(band(150, 1), 3), "banded"],
  ["lines apart from each other, in no order", shuffled(withoutSome(band(150, 1)), 4), "banded"],
  ["two species on a line", species(40, false), "banded"],
  ["two species on a ring", species(40, true), "banded"],
  ["a diagonal 100", band(100, 0), "banded"],
  [
    "no entries at all",
    fromRows(
      Array.from({ length: 60 }, () => new Int32Array(0)),
      60,
    ),
    "banded",
  ],
  ["an arrow", arrow(150), "sparse"],
  ["random, very sparse", randomPattern(300, 2, 1), "sparse"],
  ["random, unsymmetric", randomPattern(120, 4, 2), "sparse"],
  ["the Brusselator 8 x 8", brusselatorPattern(8), "sparse"],
  ["the Brusselator 32 x 32", brusselatorPattern(32), "sparse"],
];

describe.each(targets)("linearSolverFor (%s)", (target) => {
  it.each(patterns)("solves with %s, and with its transpose", (_, pattern, kind) => {
    const next = random(7);
    const values = Float64Array.from(pattern.rowIndices, () => next() - 0.5);
    const system = setup(pattern, values, 20, target);
    const right = Array.from({ length: system.n }, () => next() - 0.5);
    expect(system.kind).toBe(kind);
    expect(system.status).toBe(0);
    expect(system.residual(right, system.solve(right), false)).toBeLessThan(1e-12);
    expect(system.residual(right, system.solveTransposed(right), true)).toBeLessThan(1e-12);
  });

  it.each([
    ["sparse", randomPattern(90, 3, 5)],
    ["banded", lopsided(90, 3, 6)],
    ["banded", shuffled(species(45, true), 6)],
  ] as const)("agrees with ml-matrix: %s", (kind, pattern) => {
    const next = random(3);
    const system = setup(
      pattern,
      Float64Array.from(pattern.rowIndices, () => next()),
      8,
      target,
    );
    expect(system.kind).toBe(kind);
    const right = Array.from({ length: 90 }, () => next());
    const exact = new LuDecomposition(new Matrix(system.matrix())).solve(Matrix.columnVector(right)).to1DArray();
    const solution = system.solve(right);
    exact.forEach((x, i) => expect(solution[i]).toBeCloseTo(x, 11));
  });

  it.each([
    ["small", 5, 3],
    ["sparse", 40, 4],
    ["one", 30, 1],
  ])("solves with equal diagonal blocks, %s, from one of them", (_, width, count) => {
    const next = random(width);
    // Every block's last component comes after all the others, as integrals do.
    const blocks = Array.from({ length: count }, (_block, k) =>
      Int32Array.from({ length: width }, (_member, i) => (i < width - 1 ? k * (width - 1) + i : count * (width - 1) + k)),
    );
    const n = width * count;
    const block = Array.from({ length: width }, () =>
      Array.from({ length: width }, () => (next() < 3 / width ? next() - 0.5 : 0)),
    );
    const dense = Array.from({ length: n }, () => new Array<number>(n).fill(0));
    blocks.forEach((rows, r) =>
      rows.forEach((row, i) => {
        blocks[r].forEach((column, j) => (dense[row][column] = block[i][j]));
        for (const columns of blocks.slice(0, r)) for (const column of columns) if (next() < 0.1) dense[row][column] = next();
      }),
    );
    const pattern = fromRows(
      dense.map((row) => Int32Array.from(row.flatMap((x, j) => (x === 0 ? [] : [j])))),
      n,
    );
    const values = Float64Array.from(dense.flatMap((_row, c) => Array.from(columnOf(pattern, c), (r) => dense[r][c])));
    const system = setup(pattern, values, 5, target, blocks);
    const right = Array.from({ length: n }, () => next() - 0.5);
    expect(system.kind).toBe("blocks");
    expect(system.status).toBe(0);
    const whole = setup({ ...pattern }, values, 5, target);
    for (const name of ["solve", "solveTransposed"] as const) {
      const [x, same] = [system[name](right), whole[name](right)];
      expect(system.residual(right, x, name === "solveTransposed")).toBeLessThan(1e-13);
      x.forEach((xi, i) => expect(xi).toBeCloseTo(same[i], 13));
    }
  });

  it.each([
    ["banded", band(100, 1)],
    ["banded", shuffled(band(100, 2), 5)],
    ["sparse", arrow(100)],
  ] as const)("reports a pivot that cancels, where the pivots are fixed: %s", (kind, pattern) => {
    const values = Float64Array.from(pattern.rowIndices, () => 0);
    const at = (row: number, column: number): number => pattern.columnPointers[column] + columnOf(pattern, column).indexOf(row);
    expect(setup(pattern, values, 1, target).status).toBe(0);
    values[at(40, 40)] = 1;
    const failed = setup(pattern, values, 1, target);
    expect(failed.kind).toBe(kind);
    expect(failed.status).toBeGreaterThan(0);
    values[at(40, 40)] = NaN;
    expect(setup(pattern, values, 1, target).status).toBeGreaterThan(0);
  });

  // Of two coupled unknowns, the first is eliminated first.
  it.each([
    ["banded", band(100, 1), 40, 41],
    ["sparse", arrow(100), 40, 0],
  ] as const)(
    "with a mass matrix, reports a pivot beside which others of its column are too large: %s",
    (kind, pattern, i, j) => {
      const at = (row: number, column: number): number => pattern.columnPointers[column] + columnOf(pattern, column).indexOf(row);
      const [values, mass] = [0, 0].map(() => new Float64Array(pattern.rowIndices.length));
      for (let k = 0; k < 100; k++) mass[at(k, k)] = k === i ? 0 : 1;
      const solver = linearSolverFor(pattern, undefined, mass);
      const status = (): number => factored(solver, { n: 100, size: solver.size, values, d: 3 }, target).status;
      expect(solver.kind).toBe(kind);
      // An equation has a scale of its own, and a pivot may be small where nothing else is in its column.
      values[at(i, i)] = 1e-20;
      expect(status()).toBe(0);
      values[at(i, j)] = values[at(j, i)] = 1;
      expect(status()).toBeGreaterThan(0);
      values[at(i, i)] = 1;
      expect(status()).toBe(0);
    },
  );

  it.each([
    ["dense", full(5), undefined],
    ["banded", band(100, 1), undefined],
    ["sparse", arrow(100), undefined],
    ["blocks", full(4), [Int32Array.of(0, 1), Int32Array.of(2, 3)]],
  ] as const)("reports a pivot that is infinite or no number: %s", (kind, pattern, blocks) => {
    for (const wrong of [Infinity, -Infinity, NaN]) {
      const values = Float64Array.from(pattern.rowIndices, () => 0);
      expect(setup({ ...pattern }, values, 1, target, blocks).status).toBe(0);
      values[0] = wrong;
      const failed = setup({ ...pattern }, values, 1, target, blocks);
      expect(failed.kind).toBe(kind);
      expect(failed.status).toBeGreaterThan(0);
    }
  });

  it("pivots where it is dense", () => {
    const pattern = full(2);
    const system = setup(pattern, Float64Array.of(1, 3, 2, 1), 1, target);
    expect(system.status).toBe(0);
    expect(system.solve([2, 3])).toEqual([-1, -1]);
  });
});
