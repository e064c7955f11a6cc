import { expect, test } from "vitest";
import { Builder } from "../../src/ir/builder.ts";
import { inPieces } from "../../src/passes/in-pieces.ts";
import type { Program, Value } from "../../src/ir/ir.ts";
import { run } from "../derive/harness.ts";

/** Numbers, integers and booleans made early and used late; arrays of every role; loops and branches. */
function long(rounds: number): Program {
  const b = new Builder("long");
  const t = b.scalarParameter("t");
  const x = b.arrayParameter("x", 8, "input");
  const y = b.arrayParameter("y", 8, "output");
  const sum = b.arrayParameter("sum", 1, "inout");
  const work = b.localArray("work", 8);
  const table = b.constantArray("table", Float64Array.of(0.5, -0.25, 1.5, 0.75));
  b.fill(work, t);
  let value: Value = b.load(x, b.i32(0));
  const numbers: Value[] = [value];
  const [count] = b.for(b.i32(0), b.i32(4), 1, [b.i32(0)], (i, [n]) => {
    const isLarge = b.operation("gt", b.load(x, i), b.load(table, i));
    return [b.operation("i32.add", n, b.operation("i32.from_bool", isLarge))];
  });
  const isEarly = b.operation("lt", t, b.load(x, b.i32(1)));
  for (let k = 0; k < rounds; k++) {
    const other = numbers[(k * 7) % numbers.length];
    const factor = b.operation("select", isEarly, b.load(x, b.i32(k % 8)), t);
    value = b.operation("sin", b.operation("add", b.operation("mul", factor, other), value));
    numbers.push(value);
    const place = b.operation("i32.and", b.operation("i32.add", count, b.i32(k)), b.i32(7));
    b.store(work, place, b.operation("add", b.load(work, place), value));
    b.accumulate(sum, b.i32(0), value);
    if (k % 50) continue;
    const [chosen] = b.if(
      b.operation("gt", value, b.f64(0)),
      () => [b.operation("cos", other)],
      () => b.for(b.i32(0), b.i32(3), 1, [value], (i, [s]) => [b.operation("add", s, b.load(work, i))]),
    );
    numbers.push(chosen);
  }
  b.for(b.i32(0), b.i32(8), 1, [], (i) => (b.store(y, i, b.load(work, i)), []));
  return b.finish(b.operation("add", numbers[3], value));
}

test.each(["javascript", "wasm"] as const)("a program in pieces computes what it does in one, %s", (target) => {
  const program = long(600);
  const pieces = inPieces(program)!;
  expect(pieces.program.body.instructions.filter((i) => i.kind === "call").length).toBeGreaterThan(3);
  const x = Float64Array.of(0.7, 0.9, 1.7, -0.3, 0.2, 1.1, -0.8, 0.4);
  for (const t of [0.3, 1.2]) {
    const whole: Record<string, Float64Array> = { x, sum: Float64Array.of(2) };
    const parted: Record<string, Float64Array> = {
      x,
      sum: Float64Array.of(2),
      between: new Float64Array(pieces.between).fill(NaN),
    };
    expect(run(pieces.program, parted, { t }, target)).toBe(run(program, whole, { t }, target));
    expect(parted.y).toEqual(whole.y);
    expect(parted.sum).toEqual(whole.sum);
  }
});

test("a result that is a constant, or a parameter, is returned all the same", () => {
  const returning = (result: (b: Builder, t: Value) => Value): Program => {
    const b = new Builder("returning");
    const t = b.scalarParameter("t");
    const y = b.arrayParameter("y", 1, "inout");
    for (let k = 0; k < 1200; k++) b.accumulate(y, b.i32(0), b.operation("mul", t, t));
    return b.finish(result(b, t));
  };
  const resultOf = (program: Program): number => {
    const pieces = inPieces(program)!;
    return run(pieces.program, { y: new Float64Array(1), between: new Float64Array(pieces.between) }, { t: 3 }, "wasm");
  };
  expect(resultOf(returning((b) => b.i32(0)))).toBe(0);
  expect(resultOf(returning((b) => b.f64(2.5)))).toBe(2.5);
  expect(resultOf(returning((_, t) => t))).toBe(3);
});

test("a short program stays whole", () => {
  expect(inPieces(long(10))).toBeUndefined();
});
