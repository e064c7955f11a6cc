/** The assembler against watr, an assembler of the text format, byte by byte. */
import { describe, expect, it } from "vitest";
import assembleText from "watr/compile";
import { InternalError } from "../../../index.ts";
import { assemble } from "../../../src/compile/wasm/assemble.ts";
import { laneOpcodes, memoryOpcodes, opcodes } from "../../../src/compile/wasm/opcodes.ts";
import type { Tree } from "../../../src/compile/wasm/tree.ts";

/** Instructions need not fit together: neither assembler looks at types. */
function expectSame(...instructions: readonly Tree[]): void {
  const items: Tree[] = [
    ["import", '"m"', '"memory"', ["memory", 0]],
    ["import", '"m"', '"region"', ["global", "$region", "i32"]],
    ["import", '"m"', '"math"', ["func", "$math", ["param", "f64"], ["param", "f64"], ["result", "f64"]]],
    [
      "func",
      "$f",
      ["param", "$p", "i32"],
      ["result", "f64"],
      ["local", "$x", "f64"],
      ["local", "$y", "f64"],
      ["local", "$v", "v128"],
      ["local", "$i", "i32"],
      ...instructions,
    ],
    ["func", "$g", ["param", "$p", "f64"], ["param", "$q", "f64"], ["result", "f64"]],
    ["export", '"0"', ["func", "$f"]],
    ["export", '"1"', ["func", "$g"]],
  ];
  expect([...assemble(items)]).toEqual([...(assembleText(["module", ...items]) as Uint8Array)]);
}

describe("instructions", () => {
  it.each(Object.keys(opcodes))("%s", (name) => expectSame([name]));

  it.each(Object.keys(laneOpcodes))("%s", (name) => expectSame([name, 0, ["local.get", "$v"]], [name, 1, ["local.get", "$v"]]));

  it.each(Object.entries(memoryOpcodes))("%s", (name, { lane }) => {
    for (const offset of [0, 8, 300, 2 ** 20]) {
      expectSame([name, `offset=${offset}`, ...(lane ? [1] : []), ["local.get", "$i"], ["local.get", "$v"]]);
    }
  });

  it("of locals, globals and functions", () => {
    expectSame(
      ["local.set", "$x", ["call", "$g", ["local.get", "$y"], ["call", "$math", ["local.get", "$x"], ["local.get", "$y"]]]],
      ["drop", ["local.tee", "$i", ["global.get", "$region"]]],
      ["drop", ["call", "$f", ["local.get", "$p"]]],
      ["memory.fill", ["local.get", "$i"], ["i32.const", 0], ["i32.const", 64]],
    );
  });
});

it("constants", () => {
  for (const x of [0, 1, -1, 63, 64, -64, -65, 127, 128, 8191, 8192, -8193, 2 ** 31 - 1, -(2 ** 31)])
    expectSame(["i32.const", x]);
  for (const x of [0, -0, 1, 0.1, -1e300, 5e-324, Infinity, -Infinity]) expectSame(["f64.const", x]);
  expectSame(
    ["v128.const", "i32x4", "0", "-7", "0", "70000"],
    ["v128.const", "i64x2", "-1", "-1"],
    ["v128.const", "f64x2", 0, -1.5],
  );
});

it("blocks, and branches out of several", () => {
  expectSame([
    "block",
    "$done",
    [
      "loop",
      "$again",
      ["br_if", "$done", ["local.get", "$i"]],
      [
        "if",
        ["local.get", "$p"],
        ["then", ["br", "$again"]],
        ["else", ["block", "$inner", ["br_if", "$inner", ["local.get", "$i"]]], ["br", "$done"]],
      ],
      ["if", ["local.get", "$p"], ["then", ["drop", ["local.get", "$x"]]]],
      ["drop", ["if", ["result", "f64"], ["local.get", "$p"], ["then", ["local.get", "$x"]], ["else", ["f64.const", 0]]]],
    ],
  ]);
});

it("blocks with results, and without labels", () => {
  expectSame(
    ["local.set", "$v", ["block", ["result", "v128"], ["local.set", "$v", ["local.get", "$v"]], ["local.get", "$v"]]],
    ["drop", ["loop", "$again", ["result", "f64"], ["br_if", "$again", ["local.get", "$i"]], ["local.get", "$x"]]],
    ["block", ["drop", ["i32.const", 1]]],
  );
});

it("long functions, whose sizes take several bytes", () => {
  expectSame(...Array.from({ length: 5000 }, (_, i): Tree => ["drop", ["i32.const", i]]));
});

it("what it does not know is an error", () => {
  expect(() => assemble([["func", "$f", ["f32.add"]]])).toThrow(InternalError);
  expect(() => assemble([["func", "$f", ["local.get", "$nobody"]]])).toThrow(/local.get \$nobody names nothing/);
});
