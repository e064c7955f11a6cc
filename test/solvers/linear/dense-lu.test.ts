import { LuDecomposition, Matrix } from "ml-matrix";
import { describe, expect, it } from "vitest";
import { denseSize, denseSolve, denseSolveTransposed, factorColumns } from "../../../solvers/linear/dense-lu.ts";
import { Builder } from "../../../src/ir/builder.ts";
import type { Program } from "../../../src/ir/ir.ts";
import { factored, random, targets } from "./support.ts";

function factor(n: number): Program {
  const b = new Builder(`factor${n}`);
  return b.finish(factorColumns(b, n, b.arrayParameter("A", denseSize(n), "inout")));
}

describe.each(targets)("dense LU (%s)", (target) => {
  /** Factors a matrix given by rows, and solves with it. */
  function setup(rows: number[][]): ReturnType<typeof factored> {
    const n = rows.length;
    const matrix = Float64Array.from({ length: n * n }, (_, i) => rows[i % n][Math.floor(i / n)]);
    return factored(
      { factor: factor(n), solve: denseSolve(n), solveTransposed: denseSolveTransposed(n) },
      { n, size: denseSize(n), matrix },
      target,
    );
  }

  it("solves a system by hand, a zero pivot first", () => {
    const system = setup([
      [0, 2],
      [4, 1],
    ]);
    expect(system.status).toBe(0);
    expect(system.solve([6, 11])).toEqual([2, 3]);
    expect(system.solveTransposed([12, 7])).toEqual([2, 3]);
  });

  it.each([1, 2, 3, 4, 5, 7, 8, 13, 32, 65])("agrees with ml-matrix for n = %i", (n) => {
    const next = random(n);
    const rows = Array.from({ length: n }, () => Array.from({ length: n }, () => next() - 0.5));
    const right = Array.from({ length: n }, () => next());
    const system = setup(rows);
    expect(system.status).toBe(0);
    for (const [matrix, solution] of [
      [new Matrix(rows), system.solve(right)],
      [new Matrix(rows).transpose(), system.solveTransposed(right)],
    ] as const) {
      const exact = new LuDecomposition(matrix).solve(Matrix.columnVector(right)).to1DArray();
      exact.forEach((x, i) => expect(Math.abs(solution[i] - x)).toBeLessThan(1e-10 * Math.max(1, ...exact.map(Math.abs))));
    }
  });

  it("tells the first column without a pivot", () => {
    expect(
      setup([
        [1, 2, 3],
        [2, 4, 6],
        [1, 1, 1],
      ]).status,
    ).toBe(3);
    expect(
      setup([
        [0, 1],
        [0, 1],
      ]).status,
    ).toBe(1);
    expect(
      setup([
        [NaN, 1],
        [0, 1],
      ]).status,
    ).toBe(1);
  });
});
