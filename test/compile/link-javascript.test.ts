import { describe, expect, it, vi } from "vitest";
import { CodeGenerationForbidden } from "../../src/core/errors.ts";
import { Arena } from "../../src/compile/arena.ts";
import { emit } from "../../src/compile/javascript/emit.ts";
import { linkJavaScript } from "../../src/compile/link-javascript.ts";
import { Builder } from "../../src/ir/builder.ts";
import type { External, Program, Value } from "../../src/ir/ir.ts";
import { run as runOn, type Argument } from "./wasm/harness.ts";

const run = (program: Program, ...args: Argument[]): ReturnType<typeof runOn> => runOn(program, args, "javascript");

describe("linkJavaScript", () => {
  it("computes with scalars, constants of every sign included", () => {
    const b = new Builder("scalars");
    const x = b.scalarParameter("x");
    const shifted = b.operation("sub", b.operation("mul", x, b.f64(-2.5)), b.f64(-1e-300));
    expect(run(b.finish(b.operation("add", shifted, b.operation("exp", b.operation("neg", x)))), 0.5).result).toBe(
      -1.25 + Math.exp(-0.5),
    );
  });

  it("gives numbers for booleans", () => {
    const b = new Builder("boolean");
    const program = b.finish(b.operation("lt", b.scalarParameter("x"), b.f64(1)));
    expect(run(program, 0).result).toBe(1);
    expect(run(program, 2).result).toBe(0);
  });

  it("reads before it writes what it has read", () => {
    const b = new Builder("swap");
    const a = b.arrayParameter("a", 2, "inout");
    const [first, second] = [b.load(a, b.i32(0)), b.load(a, b.i32(1))];
    b.store(a, b.i32(0), second);
    b.store(a, b.i32(1), first);
    expect(run(b.finish(), [1, 2]).arrays[0]).toEqual([2, 1]);
  });

  it("reads before a loop, a branch, a fill or a call writes", () => {
    const clear = new Builder("clear");
    clear.fill(clear.arrayParameter("a", 1, "output"), clear.f64(0));
    const cleared = clear.finish();
    const writes: ((b: Builder, a: ReturnType<Builder["arrayParameter"]>, zero: Value) => void)[] = [
      (b, a) => b.fill(a, b.f64(0)),
      (b, a) => b.call(cleared, [{ array: a, offset: b.i32(0) }]),
      (b, a) => b.for(b.i32(0), b.i32(1), 1, [], (i) => (b.store(a, i, b.f64(0)), [])),
      (b, a, zero) =>
        b.if(
          b.operation("eq", zero, b.f64(0)),
          () => (b.store(a, b.i32(0), b.f64(0)), []),
          () => [],
        ),
    ];
    for (const write of writes) {
      const b = new Builder("order");
      const a = b.arrayParameter("a", 1, "inout");
      const zero = b.scalarParameter("zero");
      const before = b.operation("mul", b.load(a, b.i32(0)), b.f64(3));
      write(b, a, zero);
      const program = b.finish(b.operation("add", before, b.load(a, b.i32(0))));
      expect(run(program, [7], 0).result).toBe(21);
    }
  });

  it("carries several values through a loop at once (Fibonacci)", () => {
    const b = new Builder("fibonacci");
    const n = b.scalarParameter("n", "i32");
    const [value] = b.for(b.i32(0), n, 1, [b.f64(0), b.f64(1)], (_, [x, y]) => [y, b.operation("add", x, y)]);
    const program = b.finish(value);
    expect(run(program, 10).result).toBe(55);
    expect(run(program, 0).result).toBe(0);
  });

  it("counts down", () => {
    const b = new Builder("down");
    const out = b.arrayParameter("out", 3, "output");
    b.for(b.i32(2), b.i32(-1), -1, [b.f64(1)], (i, [x]) => (b.store(out, i, x), [b.operation("mul", x, b.f64(3))]));
    expect(run(b.finish(), [0, 0, 0]).arrays[0]).toEqual([9, 3, 1]);
  });

  it("runs nested loops with results used after them", () => {
    const b = new Builder("nested");
    const [total] = b.for(b.i32(0), b.i32(4), 1, [b.f64(0)], (i, [outer]) => {
      const [inner] = b.for(b.i32(0), i, 1, [b.f64(0)], (j, [sum]) => [b.operation("add", sum, b.toF64(j))]);
      return [b.operation("add", outer, b.operation("mul", inner, b.f64(2)))];
    });
    expect(run(b.finish(total)).result).toBe(2 * (0 + 0 + 1 + 3));
  });

  it("runs while loops (Collatz)", () => {
    const b = new Builder("collatz");
    const n = b.scalarParameter("n", "i32");
    const [, steps] = b.while(
      [n, b.i32(0)],
      ([x]) => b.operation("i32.ne", x, b.i32(1)),
      ([x, count]) => {
        const odd = b.operation("i32.eq", b.operation("i32.and", x, b.i32(1)), b.i32(1));
        const [next] = b.if(
          odd,
          () => [b.operation("i32.add", b.operation("i32.mul", x, b.i32(3)), b.i32(1))],
          () => [b.operation("i32.shr", x, b.i32(1))],
        );
        return [next, b.operation("i32.add", count, b.i32(1))];
      },
    );
    expect(run(b.finish(steps), 27).result).toBe(111);
  });

  it("yields from branches", () => {
    const b = new Builder("absolute");
    const x = b.scalarParameter("x");
    const [y, z] = b.if(
      b.operation("lt", x, b.f64(0)),
      () => [b.operation("neg", x), b.f64(1)],
      () => [x, b.f64(2)],
    );
    const program = b.finish(b.operation("add", b.operation("mul", y, b.f64(10)), z));
    expect(run(program, -3).result).toBe(31);
    expect(run(program, 3).result).toBe(32);
  });

  it("keeps integer and float arrays apart, constants and locals in the arena", () => {
    const b = new Builder("gather");
    const order = b.constantArray("order", Int32Array.of(2, 0, 1));
    const weights = b.constantArray("weights", Float64Array.of(1, 10, 100));
    const x = b.arrayParameter("x", 3, "input");
    const y = b.arrayParameter("y", 3, "output");
    const used = b.arrayParameter("used", 3, "output", "i32");
    const scratch = b.localArray("scratch", 3);
    b.fill(scratch, b.f64(0.5));
    b.for(b.i32(0), b.i32(3), 1, [], (i) => {
      const from = b.load(order, i);
      b.accumulate(scratch, i, b.operation("mul", b.load(weights, i), b.load(x, from)));
      b.store(used, i, from);
      return [];
    });
    b.for(b.i32(0), b.i32(3), 1, [], (i) => (b.store(y, i, b.load(scratch, i)), []));
    const { arrays } = run(b.finish(), [1, 2, 3], [0, 0, 0], [0, 0, 0]);
    expect(arrays.slice(1)).toEqual([
      [3.5, 10.5, 200.5],
      [2, 0, 1],
    ]);
  });

  it("calls programs and the host, handing on stretches of arrays", () => {
    const scale = new Builder("scale");
    const pair = scale.arrayParameter("pair", 2, "inout");
    const by = scale.scalarParameter("by");
    const first = scale.load(pair, scale.i32(0));
    scale.store(pair, scale.i32(0), scale.operation("mul", first, by));
    const callee = scale.finish(first);
    const seen: number[][] = [];
    const external: External = {
      name: "log",
      parameters: [{ kind: "scalar", name: "x", value: by }],
      call: (...args) => void seen.push(args),
    };
    const b = new Builder("caller");
    const a = b.arrayParameter("a", 4, "inout");
    const [sum] = b.for(b.i32(0), b.i32(4), 2, [b.f64(0)], (i, [total]) => {
      const old = b.call(callee, [{ array: a, offset: i }, b.f64(10)])!;
      b.call(external, [old]);
      return [b.operation("add", total, old)];
    });
    const { result, arrays } = run(b.finish(sum), [1, 2, 3, 4]);
    expect(result).toBe(4);
    expect(arrays[0]).toEqual([10, 2, 30, 4]);
    expect(seen).toEqual([[1], [3]]);
  });

  it("survives very long sums", () => {
    const b = new Builder("long");
    const x = b.arrayParameter("x", 20_000, "input");
    let sum = b.f64(0);
    for (let i = 0; i < 20_000; i++) sum = b.operation("add", sum, b.load(x, b.i32(i)));
    expect(
      run(
        b.finish(sum),
        Array.from({ length: 20_000 }, (_, i) => i),
      ).result,
    ).toBe((20_000 * 19_999) / 2);
  });

  it("folds single-use values into expressions", () => {
    const b = new Builder("fold");
    const x = b.scalarParameter("x");
    const program = b.finish(b.operation("sin", b.operation("add", b.operation("mul", x, x), x)));
    expect(emit(program).source).toContain("return Math.sin(((x0 * x0) + x0));");
  });

  it("says so where the page forbids code generation", () => {
    const b = new Builder("forbidden");
    const program = b.finish(b.scalarParameter("x"));
    vi.stubGlobal("Function", function () {
      throw new EvalError("unsafe-eval is not an allowed source of script");
    });
    try {
      expect(() => linkJavaScript({ program }, new Arena())).toThrow(CodeGenerationForbidden);
      expect(() => linkJavaScript({ program }, new Arena())).toThrow(/"wasm" target/);
    } finally {
      vi.unstubAllGlobals();
    }
  });
});
