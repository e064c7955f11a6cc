import { expect, it } from "vitest";
import { Builder } from "../../src/ir/builder.ts";
import { walk, type Program, type Value } from "../../src/ir/ir.ts";
import { unrollInnermost } from "../../src/passes/unroll.ts";
import { numbers, run } from "../compile/wasm/harness.ts";

/** y = W x, by rows; with the transpose's sums x_bar += Wᵀ y in the same loop. */
function product(rows: number, columns: number): Program {
  const b = new Builder("product");
  const weights = b.arrayParameter("W", rows * columns, "input");
  const x = b.arrayParameter("x", columns, "input");
  const y = b.arrayParameter("y", rows, "output");
  const xBar = b.arrayParameter("x_bar", columns, "inout");
  const times = (v: Value, w: Value): Value => b.operation("mul", v, w);
  b.for(b.i32(0), b.i32(rows), 1, [], (i) => {
    const entry = (j: Value): Value => b.load(weights, b.operation("i32.add", b.operation("i32.mul", i, b.i32(columns)), j));
    const [sum] = b.for(b.i32(0), b.i32(columns), 1, [b.f64(0)], (j, [sum]) => [
      b.operation("add", sum, times(entry(j), b.load(x, j))),
    ]);
    b.store(y, i, sum);
    b.for(b.i32(0), b.i32(columns), 1, [], (j) => (b.accumulate(xBar, j, times(entry(j), sum)), []));
    return [];
  });
  return b.finish();
}

function loopsIn(program: Program): number[] {
  return [...walk(program.body)].flatMap((i) => (i.kind === "for" ? [i.to.constant!] : []));
}

it.each([
  [50, 2, [50]],
  [7, 4, [7]],
  // Longer than a few: left as they are.
  [7, 5, [7, 5, 5]],
  // The outer loop is short itself.
  [2, 3, [2, 3, 3]],
])("a product of %d x %d leaves the loops %j, and what it computes", (rows, columns, loops) => {
  const program = product(rows, columns);
  expect(loopsIn(unrollInnermost(program))).toEqual(loops);
  const [weights, x] = [numbers(rows * columns), numbers(columns, 2)];
  const { arrays } = run(program, [weights, x, new Float64Array(rows), new Float64Array(columns)]);
  for (let i = 0; i < rows; i++) {
    const exact = x.reduce((sum, value, j) => sum + weights[i * columns + j] * value, 0);
    expect(arrays[2][i]).toBeCloseTo(exact, 13);
  }
  for (let j = 0; j < columns; j++) {
    const exact = arrays[2].reduce((sum, value, i) => sum + weights[i * columns + j] * value, 0);
    expect(arrays[3][j]).toBeCloseTo(exact, 12);
  }
});
