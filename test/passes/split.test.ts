import { describe, expect, it } from "vitest";
import { Builder } from "../../src/ir/builder.ts";
import { walk, type Program, type Value } from "../../src/ir/ir.ts";
import type { ScalarOperationName } from "../../src/ir/scalar-operations.ts";
import { splitLoops } from "../../src/passes/split.ts";
import { run } from "../compile/wasm/harness.ts";

type Op = (name: ScalarOperationName, ...args: (Value | number)[]) => Value;

/** y[i] = 100 * (x at some index made of i) + i, for i in from .. to. */
function gather(from: number, to: number, step: number, index: (i: Value, op: Op) => Value): Program {
  const b = new Builder("gather");
  const x = b.arrayParameter("x", 10, "input");
  const y = b.arrayParameter("y", 10, "inout");
  const op: Op = (name, ...args) => b.operation(name, ...args.map((arg) => (typeof arg === "number" ? b.i32(arg) : arg)));
  b.for(b.i32(from), b.i32(to), step, [], (i) => {
    b.store(y, i, b.operation("add", b.operation("mul", b.load(x, index(i, op)), b.f64(100)), b.toF64(i)));
    return [];
  });
  return b.finish();
}

/** The bounds of the loops that are left, and how many operations in all still ask where the index is. */
function shape(program: Program): { loops: number[][]; questions: number } {
  const all = [...walk(splitLoops(program).body)];
  return {
    loops: all.flatMap((i) => (i.kind === "for" ? [[i.from.constant!, i.to.constant!]] : [])),
    questions: all.filter((i) => i.kind === "let" && /select|rem|div|and|eq|ne|lt|le|gt|ge/.test(i.operation)).length,
  };
}

const x = Array.from({ length: 10 }, (_, i) => i);
const blank = x.map(() => -1);

describe("splitLoops", () => {
  const cases: [string, Program, number[][], (i: number) => number][] = [
    [
      "next by select",
      gather(0, 10, 1, (i, op) => op("i32.select", op("i32.eq", i, 9), 0, op("i32.add", i, 1))),
      [[0, 9]],
      (i) => (i + 1) % 10,
    ],
    [
      "last by select",
      gather(0, 10, 1, (i, op) => op("i32.select", op("i32.gt", i, 0), op("i32.sub", i, 1), 9)),
      [[1, 10]],
      (i) => (i + 9) % 10,
    ],
    [
      "constant on the left",
      gather(0, 10, 1, (i, op) => op("i32.select", op("i32.le", 9, i), 0, op("i32.add", i, 1))),
      [[0, 9]],
      (i) => (i + 1) % 10,
    ],
    [
      "second next by remainder",
      gather(0, 10, 1, (i, op) => op("i32.rem", op("i32.add", i, 2), 10)),
      [
        [0, 8],
        [8, 10],
      ],
      (i) => (i + 2) % 10,
    ],
    ["last by remainder", gather(0, 10, 1, (i, op) => op("i32.rem", op("i32.add", i, 9), 10)), [[1, 10]], (i) => (i + 9) % 10],
    [
      "remainder of a negative number",
      gather(0, 10, 1, (i, op) => op("i32.add", op("i32.rem", op("i32.sub", i, 5), 5), 4)),
      [[1, 10]],
      (i) => ((i - 5) % 5) + 4,
    ],
    ["next by mask", gather(0, 8, 1, (i, op) => op("i32.and", op("i32.add", i, 1), 7)), [[0, 7]], (i) => (i + 1) & 7],
    [
      "halves",
      gather(0, 10, 1, (i, op) => op("i32.div", i, 5)),
      [
        [0, 5],
        [5, 10],
      ],
      (i) => Math.floor(i / 5),
    ],
    [
      "a middle",
      gather(0, 10, 1, (i, op) => op("i32.select", op("i32.ne", i, 4), i, 0)),
      [
        [0, 4],
        [5, 10],
      ],
      (i) => (i === 4 ? 0 : i),
    ],
    [
      "counting down",
      gather(9, -1, -1, (i, op) => op("i32.select", op("i32.lt", i, 9), op("i32.add", i, 1), 0)),
      [[8, -1]],
      (i) => (i + 1) % 10,
    ],
  ];
  for (const [name, program, loops, index] of cases) {
    it(name, () => {
      const count = name === "next by mask" ? 8 : 10;
      const expected = x.map((i) => (i < count ? 100 * index(i) + i : -1));
      expect(run(splitLoops(program), [x, blank], "javascript").arrays[1]).toEqual(expected);
      expect(run(program, [x, blank], "javascript").arrays[1]).toEqual(expected);
      expect(shape(program)).toEqual({ loops, questions: 0 });
    });
  }

  it("hands carried values from piece to piece", () => {
    const b = new Builder("carried");
    const [digits] = b.for(b.i32(0), b.i32(6), 1, [b.f64(0)], (i, [d]) => {
      const digit = b.operation("i32.select", b.operation("i32.lt", i, b.i32(3)), i, b.i32(7));
      return [b.operation("add", b.operation("mul", d, b.f64(10)), b.toF64(digit))];
    });
    const program = b.finish(digits);
    expect(shape(program).loops).toEqual([
      [0, 3],
      [3, 6],
    ]);
    expect(run(splitLoops(program), [], "javascript").result).toBe(12777);
  });

  it("leaves alone what would fall into many pieces, or has no known ends", () => {
    const many = gather(0, 10, 1, (i, op) => op("i32.rem", i, 1));
    expect(splitLoops(many)).toBe(many);
    const checkered = gather(0, 10, 1, (i, op) => op("i32.rem", i, 2));
    expect(run(splitLoops(checkered), [x, blank], "javascript").arrays[1]).toEqual(x.map((i) => 100 * (i % 2) + i));
    const b = new Builder("open");
    const n = b.scalarParameter("n", "i32");
    const [last] = b.for(b.i32(0), n, 1, [b.i32(0)], (i) => [
      b.operation("i32.select", b.operation("i32.eq", i, b.i32(3)), b.i32(1), i),
    ]);
    const open = b.finish(last);
    expect(splitLoops(open)).toBe(open);
  });
});
