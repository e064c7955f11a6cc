import { expect, it } from "vitest";
import { Builder } from "../../src/ir/builder.ts";
import { distributeLoops } from "../../src/passes/distribute.ts";
import { walk, type Program } from "../../src/ir/ir.ts";
import { run } from "../derive/harness.ts";

/** out[i + 1] += x², out[i] += 2x, out[i + 3] += 3x, and the sum of x. */
function scatter(readsBack: boolean): Program {
  const b = new Builder("scatter");
  const out = b.arrayParameter("out", 35, "output");
  const x = b.arrayParameter("x", 32, "input");
  b.fill(out, b.f64(0));
  const [sum] = b.for(b.i32(0), b.i32(32), 1, [b.f64(0)], (i, [s]) => {
    const value = b.load(x, i);
    b.accumulate(out, b.operation("i32.add", i, b.i32(1)), b.operation("mul", value, value));
    b.accumulate(out, i, b.operation("mul", value, readsBack ? b.load(out, b.i32(0)) : b.f64(2)));
    b.accumulate(out, b.operation("i32.add", i, b.i32(3)), b.operation("mul", value, b.f64(3)));
    return [b.operation("add", s, value)];
  });
  return b.finish(sum);
}

const loops = (program: Program): number => [...walk(program.body)].filter((i) => i.kind === "for").length;

it("parts even from odd neighbours, and computes the same on both targets", () => {
  const program = scatter(false);
  const distributed = distributeLoops(program);
  expect(loops(distributed)).toBe(2);
  const x = Float64Array.from({ length: 32 }, (_, i) => Math.sin(i + 1));
  const expected = new Float64Array(35);
  x.forEach((value, i) => {
    expected[i + 1] += value * value;
    expected[i] += 2 * value;
    expected[i + 3] += 3 * value;
  });
  for (const target of ["javascript", "wasm"] as const) {
    const arrays: Record<string, Float64Array> = { x };
    expect(run(distributed, arrays, {}, target)).toBeCloseTo(
      x.reduce((s, value) => s + value, 0),
      12,
    );
    arrays.out.forEach((value, i) => expect(value).toBeCloseTo(expected[i], 12));
  }
});

it("leaves a loop alone that reads what it adds to", () => {
  expect(loops(distributeLoops(scatter(true)))).toBe(1);
});
