/** GMRES by itself: against LU on random matrices, with restarts, scales and preconditioners, and where there is no solution. */
import { LuDecomposition, Matrix } from "ml-matrix";
import { describe, expect, it } from "vitest";
import { gmres } from "../../../solvers/linear/gmres.ts";
import { loop, plus, times } from "../../../solvers/linear/kernels.ts";
import { Arena } from "../../../src/compile/arena.ts";
import { compile } from "../../../src/compile/compile.ts";
import { Builder } from "../../../src/ir/builder.ts";
import type { ArrayArgument } from "../../../src/ir/ir.ts";
import { random, targets } from "./support.ts";

interface Options {
  readonly restart: number;
  readonly cycles: number;
  readonly tolerance?: number;
  readonly trusted?: number;
  readonly scale?: Float64Array;
  /** Of the preconditioner's inverse, by rows. */
  readonly inverse?: number[][];
}

/** Solves `rows` x = right. */
function solveBy(rows: number[][], right: Float64Array, options: Options, target: (typeof targets)[number]) {
  const n = rows.length;
  const { restart, cycles, tolerance = 0, trusted = 0.5, scale = new Float64Array(n).fill(1), inverse } = options;
  const b = new Builder("solve");
  const [given, x] = [b.arrayParameter("right", n, "input"), b.arrayParameter("x", n, "output")];
  const outcome = b.arrayParameter("outcome", 2, "output");
  const product = (by: number[][]) => {
    const table = b.constantArray("rows", Float64Array.from(by.flat()));
    return (from: ArrayArgument, into: ArrayArgument): void =>
      loop(b, 0, n, (i) => {
        const [sum] = b.for(b.i32(0), b.i32(n), 1, [b.f64(0)], (j, [so]) => {
          const entry = b.load(table, plus(b, times(b, i, n), j));
          return [b.operation("add", so, b.operation("mul", entry, b.load(from.array, plus(b, from.offset, j))))];
        });
        b.store(into.array, plus(b, into.offset, i), sum);
      });
  };
  const scales = b.constantArray("scale", scale);
  const { isReached, iterations } = gmres(b, {
    n,
    matrix: product(rows),
    preconditioner: inverse && product(inverse),
    scale: (i) => b.load(scales, i),
    unit: (i) => b.operation("div", b.f64(1), b.load(scales, i)),
    trusted,
    right: (i) => b.load(given, i),
    tolerance: b.f64(tolerance),
    x,
    restart,
    cycles,
  });
  b.store(outcome, b.i32(0), b.operation("select", isReached, b.f64(1), b.f64(0)));
  b.store(outcome, b.i32(1), iterations);
  const arena = new Arena();
  const unit = compile({ solve: b.finish() }, arena, target);
  const address = [n, n, 2].map((size) => arena.reserve(size));
  const { solve } = unit.link();
  arena.f64(address[0], n).set(right);
  solve(...address);
  const [reached, count] = arena.f64(address[2], 2);
  return { x: arena.f64(address[1], n).slice(), isReached: reached === 1, iterations: count };
}

/** Of entries in (−1, 1), but for what is added to the diagonal. */
function matrix(n: number, diagonal: number, seed: number): number[][] {
  const next = random(seed);
  return Array.from({ length: n }, (_, i) =>
    Array.from({ length: n }, (_column, j) => 2 * next() - 1 + (i === j ? diagonal : 0)),
  );
}

function residual(rows: number[][], x: Float64Array, right: Float64Array, scale?: Float64Array): number {
  const rest = rows.map((row, i) => (scale?.[i] ?? 1) * (right[i] - row.reduce((sum, entry, j) => sum + entry * x[j], 0)));
  return Math.hypot(...rest);
}

const vector = (n: number, seed: number): Float64Array => {
  const next = random(seed);
  return Float64Array.from({ length: n }, () => 2 * next() - 1);
};

describe.each(targets)("gmres (%s)", (target) => {
  it.each([
    ["one unknown", 1, 2, 1, 1, 0.5],
    ["every direction there is", 12, 0, 12, 1, 0.5],
    ["fewer than there are", 60, 25, 30, 1, 0.5],
    ["fewer than there are, made orthogonal once", 60, 25, 30, 1, 1e-3],
    ["restarts", 60, 25, 6, 50, 0.5],
    ["near the identity, which leaves little of each direction", 40, 1e5, 10, 5, 1e-3],
  ])("agrees with LU: %s", (_, n, diagonal, restart, cycles, trusted) => {
    const [rows, right] = [matrix(n, diagonal, n), vector(n, 3)];
    const found = solveBy(rows, right, { restart, cycles, trusted }, target);
    const exact = new LuDecomposition(new Matrix(rows)).solve(Matrix.columnVector([...right])).to1DArray();
    expect(found.isReached).toBe(true);
    exact.forEach((x, i) => expect(found.x[i]).toBeCloseTo(x, 11));
  });

  it("ends where the scaled residual is small enough, and tells the iterations", () => {
    const [rows, right] = [matrix(50, 20, 1), vector(50, 2)];
    const scale = Float64Array.from({ length: 50 }, (_, i) => 10 ** ((i % 7) - 3));
    const loose = solveBy(rows, right, { restart: 50, cycles: 1, tolerance: 1e-2, scale }, target);
    const tight = solveBy(rows, right, { restart: 50, cycles: 1, tolerance: 1e-6, scale }, target);
    expect(residual(rows, loose.x, right, scale)).toBeLessThan(1e-2);
    expect(residual(rows, tight.x, right, scale)).toBeLessThan(1e-6);
    expect(residual(rows, loose.x, right, scale)).toBeGreaterThan(1e-6);
    expect(loose.iterations).toBeLessThan(tight.iterations);
    expect([loose.isReached, tight.isReached]).toEqual([true, true]);
  });

  it("a matrix of two eigenvalues takes two iterations, and with its inverse for a preconditioner one", () => {
    const two = Array.from({ length: 20 }, (_, i) => Array.from({ length: 20 }, (_column, j) => (i === j ? (i % 2 ? 3 : 1) : 0)));
    const right = vector(20, 5);
    expect(solveBy(two, right, { restart: 20, cycles: 1 }, target).iterations).toBe(2);
    const rows = matrix(20, 15, 8);
    const inverse = new LuDecomposition(new Matrix(rows)).solve(Matrix.eye(20)).to2DArray();
    const found = solveBy(rows, right, { restart: 20, cycles: 1, inverse, tolerance: 1e-9 }, target);
    expect(found.iterations).toBe(1);
    expect(residual(rows, found.x, right)).toBeLessThan(1e-12);
  });

  it("says that it came to no solution: of a singular matrix, and where iterations run out", () => {
    // A shift, whose last row is zero: nothing reaches the last component of the right-hand side.
    const shift = Array.from({ length: 8 }, (_, i) => Array.from({ length: 8 }, (_column, j) => (j === i + 1 ? 1 : 0)));
    const last = new Float64Array(8);
    last[7] = 1;
    expect(solveBy(shift, last, { restart: 8, cycles: 5 }, target).isReached).toBe(false);
    const hard = matrix(40, 0, 9);
    expect(solveBy(hard, vector(40, 4), { restart: 5, cycles: 2 }, target).isReached).toBe(false);
    const wrong = matrix(6, 9, 2);
    wrong[2][3] = NaN;
    expect(solveBy(wrong, vector(6, 4), { restart: 6, cycles: 2 }, target).isReached).toBe(false);
  });

  it("of zeros there are zeros", () => {
    const found = solveBy(matrix(7, 5, 1), new Float64Array(7), { restart: 7, cycles: 2 }, target);
    expect(found).toMatchObject({ isReached: true, iterations: 0 });
    expect([...found.x]).toEqual(new Array(7).fill(0));
  });
});
