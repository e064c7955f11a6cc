import { expect, test } from "vitest";
import { Arena } from "../../src/compile/arena.ts";
import { compile } from "../../src/compile/compile.ts";
import { Builder } from "../../src/ir/builder.ts";
import { inline } from "../../src/ir/clone.ts";
import { walk, type ArrayArgument, type Program, type Value } from "../../src/ir/ir.ts";

/** out[i] = Σⱼ≤ᵢ in[j]², doubled until above the limit; returns the last one. With a local, a fill, and every construct. */
function callee(n: number): Program {
  const b = new Builder("callee");
  const out = b.arrayParameter("out", n, "output");
  const input = b.arrayParameter("in", n, "input");
  const limit = b.scalarParameter("limit");
  const squares = b.localArray("squares", n);
  b.fill(out, b.f64(0));
  b.for(b.i32(0), b.i32(n), 1, [], (i) => (b.store(squares, i, b.operation("mul", b.load(input, i), b.load(input, i))), []));
  b.for(b.i32(0), b.i32(n), 1, [b.f64(0)], (i, [sum]) => {
    const next = b.operation("add", sum, b.load(squares, i));
    b.accumulate(out, i, next);
    b.if(
      b.operation("gt", next, b.f64(0)),
      () => {
        const [doubled] = b.while(
          [next],
          ([x]) => b.operation("le", x, limit),
          ([x]) => [b.operation("add", x, x)],
        );
        b.store(out, i, doubled);
        return [];
      },
      () => [],
    );
    return [next];
  });
  return b.finish(b.load(out, b.i32(n - 1)));
}

function caller(n: number, emit: (b: Builder, program: Program, args: (ArrayArgument | Value)[]) => Value): Program {
  const b = new Builder("caller");
  const outs = b.arrayParameter("outs", 2 * n, "inout");
  const input = b.arrayParameter("in", n, "input");
  const limit = b.scalarParameter("limit");
  const program = callee(n);
  const results = [0, n].map((offset) =>
    emit(b, program, [{ array: outs, offset: b.i32(offset) }, { array: input, offset: b.i32(0) }, limit]),
  );
  return b.finish(b.operation("add", results[0], results[1]));
}

function run(program: Program, n: number, target: "javascript" | "wasm") {
  const arena = new Arena();
  const [outs, input] = [arena.reserve(2 * n), arena.reserve(n)];
  const code = compile({ program }, arena, target).link();
  arena.f64(outs, 2 * n).fill(NaN);
  arena.f64(input, n).set([0, 1, 0.5, -2]);
  return { result: code.program(outs, input, 3), outs: [...arena.f64(outs, 2 * n)] };
}

test.each(["javascript", "wasm"] as const)(
  "an inlined program does what a call of it does, into stretches of arrays (%s)",
  (target) => {
    const called = run(
      caller(4, (b, program, args) => b.call(program, args)!),
      4,
      target,
    );
    const inlined = caller(4, (b, program, args) => inline(b, program, args)!);
    expect([...walk(inlined.body)].some((i) => i.kind === "call")).toBe(false);
    expect(run(inlined, 4, target)).toEqual(called);
    expect(called.outs).toEqual([0, 4, 5, 5.25, 0, 4, 5, 5.25]);
    expect(called.result).toBe(10.5);
  },
);
