import { expect, test } from "vitest";
import { addingTo } from "../../src/passes/accumulating.ts";
import { Builder } from "../../src/ir/builder.ts";
import type { ArrayDeclaration, Program } from "../../src/ir/ir.ts";
import { run } from "../derive/harness.ts";

function program(body: (b: Builder, out: ArrayDeclaration) => void): Program {
  const b = new Builder("sums");
  body(b, b.arrayParameter("out", 3, "output"));
  return b.finish();
}

const addTwo = (b: Builder, out: ArrayDeclaration): void => {
  b.for(b.i32(0), b.i32(3), 1, [], (i) => {
    b.accumulate(out, i, b.f64(2));
    return [];
  });
};

test("what is filled with zeros, then added to, can be added to", () => {
  const sums = program((b, out) => {
    b.fill(out, b.f64(0));
    addTwo(b, out);
  });
  const arrays = { out: Float64Array.of(1, 2, 3) };
  run(sums, arrays, {}, "wasm");
  expect(arrays.out).toEqual(Float64Array.of(2, 2, 2));
  run(addingTo(sums, "out")!, arrays, {}, "wasm");
  expect(arrays.out).toEqual(Float64Array.of(4, 4, 4));
});

test.each([
  ["filled with something else", (b: Builder, out: ArrayDeclaration) => (b.fill(out, b.f64(1)), addTwo(b, out))],
  ["never filled", addTwo],
  ["added to before it is filled", (b: Builder, out: ArrayDeclaration) => (addTwo(b, out), b.fill(out, b.f64(0)))],
  [
    "stored to as well",
    (b: Builder, out: ArrayDeclaration) => (b.fill(out, b.f64(0)), b.store(out, b.i32(1), b.f64(5)), addTwo(b, out)),
  ],
])("what is %s cannot", (_, body) => {
  expect(addingTo(program(body), "out")).toBeUndefined();
});
