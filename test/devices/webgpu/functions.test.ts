/** The scalar operations in the shading language, against their plain values, in and out of the ordinary range. */
import { expect, test } from "vitest";
import { kernelOf } from "../../../src/devices/kernel.ts";
import { webgpuDevice } from "../../../src/devices/webgpu/webgpu.ts";
import { Builder } from "../../../src/ir/builder.ts";
import { scalarOperations, type ScalarOperationName } from "../../../src/ir/scalar-operations.ts";
import { gpuTest } from "./adapter.ts";

const grid = [-87, -20, -5.5, -3, -1, -0.9, -0.5, -0.1, -1e-4, 0, 1e-4, 0.1, 0.4, 0.5, 0.9, 1, 1.5, 2, 3, 7.7, 20, 60].map(
  Math.fround,
);

/** Exponentials have errors in proportion to their argument. */
const bounds: Partial<Record<ScalarOperationName, number>> = { exp: 2e-5, expm1: 2e-5, sinh: 2e-5, cosh: 2e-5, pow: 1e-4 };

const names = (Object.keys(scalarOperations) as ScalarOperationName[]).filter((name) => {
  const { args, result } = scalarOperations[name];
  return result === "f64" && args.every((type) => type === "f64");
});

gpuTest("all functions of numbers, to a few units of f32", async () => {
  const b = new Builder("functions");
  const inputs = ["x", "y"].map((name) => b.load(b.arrayParameter(name, 1, "input"), b.i32(0)));
  const out = b.arrayParameter("out", names.length, "output");
  names.forEach((name, i) => {
    b.store(out, b.i32(i), b.operation(name, ...inputs.slice(0, scalarOperations[name].args.length)));
  });
  const pairs = grid.flatMap((x) => grid.map((y) => [x, y]));
  const results = new Float64Array(pairs.length * names.length);
  const arrays = { x: Float64Array.from(pairs, ([x]) => x), y: Float64Array.from(pairs, ([, y]) => y), out: results };
  await webgpuDevice.run(kernelOf(b.finish(), []), { count: pairs.length, arrays });
  pairs.forEach((pair, m) => {
    names.forEach((name, i) => {
      const { args, value } = scalarOperations[name];
      const expected = value(...pair.slice(0, args.length));
      // Beyond the range of f32, and where there is no number, drivers may give anything.
      if (!(Math.abs(expected) < 3e38) || (expected !== 0 && Math.abs(expected) < 1.2e-38)) return;
      const bound = bounds[name] ?? 2e-6;
      const error = Math.abs(results[m * names.length + i] - expected) / Math.max(Math.abs(expected), name === "rem" ? 1 : 0.01);
      expect(
        error,
        `${name}(${pair.slice(0, args.length).join(", ")}) = ${results[m * names.length + i]}, not ${expected}`,
      ).toBeLessThan(bound);
    });
  });
});

test("every operation has a form in the shading language", () => {
  for (const [name, { args, wgsl }] of Object.entries(scalarOperations)) {
    expect(wgsl(...args.map((_, i) => `x${i}`)), name).toMatch(/x0/);
  }
});
