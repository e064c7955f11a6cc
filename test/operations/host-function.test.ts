import { describe, expect, it } from "vitest";
import { Arena } from "../../src/compile/arena.ts";
import { compile, type Target } from "../../src/compile/compile.ts";
import { forward } from "../../src/derive/forward.ts";
import { reverse } from "../../src/derive/reverse.ts";
import { Builder } from "../../src/ir/builder.ts";
import { hostProgram, type HostFunction } from "../../src/operations/host-function.ts";
import type { Program } from "../../src/ir/ir.ts";

/** y0 = a0² b, y1 = sin(a1) b. */
const f: HostFunction = {
  name: "f",
  inputs: [2, 1],
  output: 2,
  value([a, [b]], y) {
    y[0] = a[0] ** 2 * b;
    y[1] = Math.sin(a[1]) * b;
  },
  linearize:
    ([a, [b]]) =>
    (v, [aBar, bBar]) => {
      aBar[0] = 2 * a[0] * b * v[0];
      aBar[1] = Math.cos(a[1]) * b * v[1];
      bBar[0] = a[0] ** 2 * v[0] + Math.sin(a[1]) * v[1];
    },
};

/** (input a, input b), returning y0 + 3 y1. */
function caller(): Program {
  const b = new Builder("caller");
  const args = [b.arrayParameter("a", 2, "input"), b.arrayParameter("b", 1, "input"), b.localArray("y", 2)];
  b.call(
    hostProgram(f),
    args.map((array) => ({ array, offset: b.i32(0) })),
  );
  const [y0, y1] = [0, 1].map((i) => b.load(args[2], b.i32(i)));
  return b.finish(b.operation("add", y0, b.operation("mul", b.f64(3), y1)));
}

function run(
  program: Program,
  target: Target,
  inputs: readonly (readonly number[] | number)[],
): { result: number; arrays: number[][] } {
  const arena = new Arena();
  const unit = compile({ program }, arena, target);
  const places = inputs.map((input) => (typeof input === "number" ? input : arena.reserve(input.length)));
  const compiled = unit.link();
  inputs.forEach((input, k) => typeof input !== "number" && arena.f64(places[k], input.length).set(input));
  const result = compiled.program(...places);
  return {
    result,
    arrays: inputs.map((input, k) => (typeof input === "number" ? [] : [...arena.f64(places[k], input.length)])),
  };
}

describe.each(["wasm", "javascript"] as const)("a function of the host as a program, %s", (target) => {
  const [a0, a1, b] = [1.5, 0.4, 2];

  it("has its value", () => {
    expect(run(caller(), target, [[a0, a1], [b]]).result).toBe(a0 ** 2 * b + 3 * (Math.sin(a1) * b));
  });

  it("has its derivatives, backwards and forwards", () => {
    const program = caller();
    const { arrays } = run(reverse(program, { wrt: ["a", "b"] }), target, [[a0, a1], [b], 1, [0, 0], [0]]);
    expect(arrays[3]).toEqual([2 * a0 * b, 3 * Math.cos(a1) * b]);
    expect(arrays[4][0]).toBeCloseTo(a0 ** 2 + 3 * Math.sin(a1), 14);
    // Parameters: a, b, a_dot, b_dot, result_dot.
    const tangents = run(forward(program, { wrt: ["a", "b"] }), target, [[a0, a1], [b], [0.3, -1], [2], [0]]).arrays[4];
    expect(tangents[0]).toBeCloseTo(0.3 * 2 * a0 * b - 3 * Math.cos(a1) * b + 2 * (a0 ** 2 + 3 * Math.sin(a1)), 13);
  });

  it("has second derivatives as differences of the first", () => {
    const gradient = reverse(caller(), { wrt: ["a"] });
    // Parameters: a, b, result_bar, a_bar, a_dot, a_bar_dot.
    const { arrays } = run(forward(gradient, { wrt: ["a"] }), target, [[a0, a1], [b], 1, [0, 0], [1, 1], [0, 0]]);
    expect(arrays[5][0]).toBeCloseTo(2 * b, 7);
    expect(arrays[5][1]).toBeCloseTo(-3 * Math.sin(a1) * b, 7);
  });
});
