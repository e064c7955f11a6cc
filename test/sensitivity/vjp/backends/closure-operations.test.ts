/** Every array operation has its closure rule. */
import { expect, it } from "vitest";
import { vjpByClosures } from "../../../../sensitivity/vjp/backends/closure/run.ts";
import { layoutOf } from "../../../../src/arrays/layout.ts";
import { joinArguments } from "../../../../src/operations/arguments.ts";
import { arrayOperations } from "../../../../src/operations/index.ts";
import { pack, unpack } from "../../../../src/arrays/pack.ts";
import { smooth } from "../../../operations/cases.ts";
import { jacobianOf } from "../../../matrix/jacobian.ts";

it("covers every operation", () => {
  expect(new Set(smooth.map(([name]) => name))).toEqual(new Set(Object.keys(arrayOperations)));
});

it.each(smooth)("%s %#", (name, operands, options) => {
  const operation = arrayOperations[name];
  const plain = operation.plain as (...args: readonly unknown[]) => unknown;
  const run = (x: unknown): unknown =>
    plain(...joinArguments(operation, { operands: Object.values(x as object) as unknown[], options }));
  const given = Object.fromEntries(operands.map((operand, k) => [`x${k}`, operand]));
  const input = layoutOf(given, "x");
  const output = layoutOf(run(given), "y");
  const x = pack(input, given, "x");
  const v = Float64Array.from({ length: output.size }, (_, i) => Math.cos(1 + 2 * i));
  const expected = jacobianOf((moved) => pack(output, run(unpack(input, moved)), "y"), x).map((column) =>
    column.reduce((sum, slope, i) => sum + slope * v[i], 0),
  );
  const actual = new Float64Array(x.length).fill(NaN);
  vjpByClosures(
    {
      call: (tracked, result) => result.assign(run(tracked)),
      input,
      output,
      names: { input: "x", output: "y" },
      target: "wasm",
      plain: () => pack(output, run(given), "y"),
    },
    x,
    v,
    actual,
  );
  const size = Math.max(1, ...expected.map(Math.abs));
  actual.forEach((slope, j) => expect(Math.abs(slope - expected[j]), `entry ${j}`).toBeLessThanOrEqual(1e-8 * size));
});
