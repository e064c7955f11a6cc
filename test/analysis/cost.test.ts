/** What programs cost, counted: loops by how often they run, linear systems by their pattern. */
import { describe, expect, it } from "vitest";
import { linearSolverFor } from "../../solvers/linear/linear-solver.ts";
import { Builder } from "../../src/ir/builder.ts";
import { costOf } from "../../src/analysis/cost.ts";
import { fromRows } from "../../src/analysis/sparsity.ts";
import type { Program, Value } from "../../src/ir/ir.ts";

/** for i < n: for j from `from(i)` to `to(i)`: x[0] = sin(x[0]) */
function nested(n: number, from: (b: Builder, i: Value) => Value, to: (b: Builder, i: Value) => Value): Program {
  const b = new Builder("nested");
  const x = b.arrayParameter("x", 1, "inout");
  b.for(b.i32(0), b.i32(n), 1, [], (i) => {
    b.for(from(b, i), to(b, i), 1, [], () => {
      b.store(x, b.i32(0), b.operation("sin", b.load(x, b.i32(0))));
      return [];
    });
    return [];
  });
  return b.finish();
}

const zero = (b: Builder): Value => b.i32(0);

describe("counted costs", () => {
  it("loops as often as they run", () => {
    expect(costOf(nested(10, zero, (b) => b.i32(10))) / costOf(nested(10, zero, (b) => b.i32(5)))).toBeCloseTo(2, 0);
  });

  it("loops within loops whose bounds are indices: half of the square", () => {
    const square = costOf(nested(200, zero, (b) => b.i32(200)));
    const triangle = costOf(nested(200, zero, (_, i) => i));
    expect(triangle / square).toBeCloseTo(0.5, 1);
    const other = costOf(
      nested(
        200,
        (_, i) => i,
        (b) => b.i32(200),
      ),
    );
    expect(other / square).toBeCloseTo(0.5, 1);
  });

  it("loops between the pointers of a table", () => {
    const pointers = Int32Array.from({ length: 201 }, (_, i) => 3 * i);
    const rows = (b: Builder, k: Value): Value => b.load(b.constantArray("pointers", pointers), k);
    const sparse = nested(200, rows, (b, i) => rows(b, b.operation("i32.add", i, b.i32(1))));
    expect(costOf(sparse) / costOf(nested(200, zero, (b) => b.i32(3)))).toBeCloseTo(1, 1);
  });

  it("the same program costs the same, called or not", () => {
    const inner = nested(50, zero, (_, i) => i);
    const b = new Builder("outer");
    const x = b.arrayParameter("x", 1, "inout");
    b.call(inner, [{ array: x, offset: b.i32(0) }]);
    const outer = costOf(b.finish());
    expect(outer - costOf(inner)).toBeGreaterThanOrEqual(0);
    expect(outer - costOf(inner)).toBeLessThan(10);
    expect(costOf(inner)).toBe(costOf(nested(50, zero, (_, i) => i)));
  });

  it("dense systems cost the cube of their size, chains of equations their size", () => {
    const dense = (n: number): number => {
      const all = Int32Array.from({ length: n }, (_, j) => j);
      return costOf(linearSolverFor(fromRows(new Array<Int32Array>(n).fill(all), n)).factor);
    };
    expect(dense(128) / dense(64)).toBeGreaterThan(5);
    expect(dense(128) / dense(64)).toBeLessThan(11);
    const chain = (n: number): number => {
      const rows = Array.from({ length: n }, (_, i) => Int32Array.from([i - 1, i, i + 1].filter((j) => j >= 0 && j < n)));
      return costOf(linearSolverFor(fromRows(rows, n)).factor);
    };
    expect(chain(800) / chain(400)).toBeCloseTo(2, 0);
    expect(chain(400)).toBeLessThan(dense(128));
  });
});
