/** What is derived of a program is kept by what was asked for; what returns a number is derived as a vector of one. */
import { expect, it } from "vitest";
import { derivativesOf, vjpAlong } from "../../src/derive/program-derivatives.ts";
import { Builder } from "../../src/ir/builder.ts";
import type { Program } from "../../src/ir/ir.ts";
import { run } from "./harness.ts";

/** x₀ y + x₁ sin(t) */
function number(): Program {
  const b = new Builder("f");
  const [x, y] = [b.arrayParameter("x", 2, "input"), b.arrayParameter("y", 1, "input")];
  const t = b.scalarParameter("t");
  const product = b.operation("mul", b.load(x, b.i32(0)), b.load(y, b.i32(0)));
  return b.finish(b.operation("add", product, b.operation("mul", b.load(x, b.i32(1)), b.operation("sin", t))));
}

const namesOf = ({ parameters }: Program): string[] => parameters.map((p) => (p.kind === "array" ? p.array.name : p.name));

it("by other inputs they are other programs, and by the same ones the same", () => {
  const derived = derivativesOf(number());
  expect(namesOf(derived.jvp(["x"]))).toContain("x_dot");
  expect(namesOf(derived.jvp(["y"]))).toContain("y_dot");
  expect(namesOf(derived.vjp(["x"]))).toContain("x_bar");
  expect(namesOf(derived.vjp(["y"]))).toContain("y_bar");
  expect(derived.vjp(["y"])).toBe(derived.vjp(["y"]));
  const [vjp, other] = [derived.vjp(["x"]), derived.vjp(["y"])];
  expect(namesOf(vjpAlong(vjp, ["x"]))).toContain("x_dot");
  expect(namesOf(vjpAlong(vjp, ["y"]))).toContain("y_dot");
  expect(namesOf(vjpAlong(vjp, ["x"]))).toContain("x_bar_dot");
  expect(namesOf(vjpAlong(other, ["x"]))).toContain("y_bar_dot");
});

it("the Jacobian of a number has one row, and its derivative by time is that number's", () => {
  const derived = derivativesOf(number());
  const inputs = { x: Float64Array.of(3, 5), y: Float64Array.of(7) };
  const { pattern, values } = derived.jacobian("x");
  expect([pattern.rows, pattern.columns, ...pattern.rowIndices]).toEqual([1, 2, 0, 0]);
  expect(derived.pattern("x")).toEqual(pattern);
  const entries: Record<string, Float64Array> = { ...inputs };
  run(values, entries, { t: 0.5 });
  expect([...entries.values]).toEqual([7, Math.sin(0.5)]);
  const time: Record<string, Float64Array> = { ...inputs };
  run(derived.timeDerivative!, time, { t: 0.5 });
  expect([...time.ft]).toEqual([5 * Math.cos(0.5)]);
});
