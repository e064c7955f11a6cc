import { describe, expect, it } from "vitest";
import { Builder } from "../../src/ir/builder.ts";
import type { ArrayDeclaration, Program, Value } from "../../src/ir/ir.ts";
import { sparsityOf, type SparsityPattern } from "../../src/analysis/sparsity.ts";
import { brusselatorPattern, brusselatorProgram } from "../solvers/linear/brusselator.ts";

/** Builds du(u) of size n. */
function build(n: number, body: (b: Builder, du: ArrayDeclaration, u: ArrayDeclaration, t: Value) => void): Program {
  const b = new Builder("rhs");
  const [du, u, t] = [b.arrayParameter("du", n, "output"), b.arrayParameter("u", n, "input"), b.scalarParameter("t")];
  body(b, du, u, t);
  return b.finish();
}

/** The pattern as rows of 0 and 1. */
function dense(pattern: SparsityPattern): number[][] {
  const rows = Array.from({ length: pattern.rows }, () => new Array<number>(pattern.columns).fill(0));
  for (let c = 0; c < pattern.columns; c++) {
    for (let k = pattern.columnPointers[c]; k < pattern.columnPointers[c + 1]; k++) rows[pattern.rowIndices[k]][c] = 1;
  }
  return rows;
}

const patternOf = (program: Program): number[][] => dense(sparsityOf(program, "du", "u"));

describe("sparsityOf", () => {
  it("follows a tridiagonal stencil", () => {
    const program = build(4, (b, du, u) => {
      b.for(b.i32(0), b.i32(4), 1, [], (i) => {
        const left = b.operation("i32.select", b.operation("i32.gt", i, b.i32(0)), b.operation("i32.sub", i, b.i32(1)), b.i32(0));
        b.store(du, i, b.operation("add", b.load(u, left), b.load(u, i)));
        return [];
      });
    });
    expect(patternOf(program)).toEqual([
      [1, 0, 0, 0],
      [1, 1, 0, 0],
      [0, 1, 1, 0],
      [0, 0, 1, 1],
    ]);
  });

  it("knows that a floor and a comparison pass no derivative", () => {
    const program = build(3, (b, du, u, t) => {
      const [x, y, z] = [0, 1, 2].map((i) => b.load(u, b.i32(i)));
      b.store(du, b.i32(0), b.operation("mul", b.operation("floor", x), y));
      b.store(du, b.i32(1), b.operation("select", b.operation("lt", x, t), y, z));
      b.store(du, b.i32(2), t);
    });
    expect(patternOf(program)).toEqual([
      [0, 1, 0],
      [0, 1, 1],
      [0, 0, 0],
    ]);
  });

  it("unites both sides of a branch on values, writes included, each from the state before", () => {
    const program = build(3, (b, du, u, t) => {
      const scratch = b.localArray("scratch", 1);
      b.store(scratch, b.i32(0), b.load(u, b.i32(2)));
      b.if(
        b.operation("lt", b.load(u, b.i32(0)), t),
        () => (b.store(scratch, b.i32(0), b.load(u, b.i32(0))), b.store(du, b.i32(0), b.load(scratch, b.i32(0))), []),
        () => (b.store(du, b.i32(1), b.load(scratch, b.i32(0))), []),
      );
      b.store(du, b.i32(2), b.load(scratch, b.i32(0)));
    });
    expect(patternOf(program)).toEqual([
      [1, 0, 0],
      [0, 0, 1],
      [1, 0, 1],
    ]);
  });

  it("overwrites scratch exactly within a loop of branches", () => {
    const program = build(5, (b, du, u, t) => {
      const scratch = b.localArray("scratch", 1);
      b.for(b.i32(0), b.i32(5), 1, [], (i) => {
        b.if(
          b.operation("lt", b.load(u, i), t),
          () => (b.store(scratch, b.i32(0), b.load(u, i)), b.store(du, i, b.load(scratch, b.i32(0))), []),
          () => (b.store(du, i, b.f64(1)), []),
        );
        return [];
      });
    });
    expect(patternOf(program)).toEqual([0, 1, 2, 3, 4].map((i) => [0, 1, 2, 3, 4].map((j) => Number(i === j))));
  });

  it("takes an index that depends on data for any within its interval", () => {
    const program = build(4, (b, du, u, t) => {
      const index = b.operation("i32.and", b.operation("i32.from_f64", t), b.i32(1));
      b.fill(du, b.f64(0));
      b.store(du, b.i32(3), b.load(u, index));
      b.store(du, index, b.load(u, b.i32(2)));
    });
    expect(patternOf(program)).toEqual([
      [0, 0, 1, 0],
      [0, 0, 1, 0],
      [0, 0, 0, 0],
      [1, 1, 0, 0],
    ]);
  });

  it("iterates a loop of unknown length until nothing grows", () => {
    const program = build(3, (b, du, u, t) => {
      const [x, y] = b.while(
        [b.load(u, b.i32(0)), b.load(u, b.i32(1)), b.load(u, b.i32(2))],
        ([first]) => b.operation("gt", first, t),
        ([first, second, third]) => [b.operation("mul", first, b.f64(0.5)), b.operation("add", first, second), third],
      );
      b.store(du, b.i32(0), x);
      b.store(du, b.i32(1), y);
      b.store(du, b.i32(2), b.f64(0));
    });
    expect(patternOf(program)).toEqual([
      [1, 0, 0],
      [1, 1, 0],
      [0, 0, 0],
    ]);
  });

  it("shifts through memory in a loop of unknown length", () => {
    const program = build(3, (b, du, u, t) => {
      const line = b.localArray("line", 3);
      for (let i = 0; i < 3; i++) b.store(line, b.i32(i), b.load(u, b.i32(i)));
      b.for(b.i32(0), b.operation("i32.from_f64", t), 1, [], () => {
        b.store(line, b.i32(0), b.load(line, b.i32(1)));
        b.store(line, b.i32(1), b.load(line, b.i32(2)));
        return [];
      });
      for (let i = 0; i < 3; i++) b.store(du, b.i32(i), b.load(line, b.i32(i)));
    });
    expect(patternOf(program)).toEqual([
      [1, 1, 1],
      [0, 1, 1],
      [0, 0, 1],
    ]);
  });

  it("drops products with a constant zero", () => {
    const n = 3;
    const matrix = Float64Array.of(1, 0, 0, 2, 3, 0, 0, 0, 4);
    const program = build(n, (b, du, u) => {
      const a = b.constantArray("a", matrix);
      b.for(b.i32(0), b.i32(n), 1, [], (i) => {
        const [sum] = b.for(b.i32(0), b.i32(n), 1, [b.f64(0)], (j, [s]) => {
          const entry = b.load(a, b.operation("i32.add", b.operation("i32.mul", i, b.i32(n)), j));
          return [b.operation("add", s, b.operation("mul", entry, b.load(u, j)))];
        });
        b.store(du, i, sum);
        return [];
      });
    });
    expect(patternOf(program)).toEqual([
      [1, 0, 0],
      [1, 1, 0],
      [0, 0, 1],
    ]);
  });

  it("sees dense products as dense, through a hidden layer too", () => {
    const n = 150;
    const program = build(n, (b, du, u, t) => {
      const hidden = b.localArray("hidden", n);
      for (const [to, from] of [
        [hidden, u],
        [du, hidden],
      ]) {
        b.for(b.i32(0), b.i32(n), 1, [], (i) => {
          const [sum] = b.for(b.i32(0), b.i32(n), 1, [b.f64(0)], (j, [s]) => [
            b.operation("add", s, b.operation("mul", t, b.load(from, j))),
          ]);
          b.store(to, i, sum);
          return [];
        });
      }
    });
    expect(sparsityOf(program, "du", "u").rowIndices.length).toBe(n * n);
  });

  it("gives the five-point Brusselator its pattern", () => {
    const found = sparsityOf(brusselatorProgram(6), "du", "u");
    const expected = brusselatorPattern(6);
    expect(found.columnPointers).toEqual(expected.columnPointers);
    expect(found.rowIndices).toEqual(expected.rowIndices);
    expect(expected.rowIndices.length).toBe(2 * 36 * 6);
  });
});
