import { describe, expect, it } from "vitest";
import { Builder } from "../../../src/ir/builder.ts";
import type { External, Value } from "../../../src/ir/ir.ts";
import { scalarOperations, type ScalarOperationName } from "../../../src/ir/scalar-operations.ts";
import { run } from "./harness.ts";

const samples = {
  f64: [0, -0, 1, -1, 0.5, -2.5, 3.5, 1e-300, -1e300, 2 ** 40 + 0.5, 2 ** 31, NaN, Infinity, -Infinity],
  i32: [0, 1, -1, 7, -13, 31, 2 ** 31 - 1, -(2 ** 31)],
  bool: [0, 1],
};

describe("scalar operations", () => {
  for (const name of Object.keys(scalarOperations) as ScalarOperationName[]) {
    it(`${name} is its plain value`, () => {
      const { args, value, result } = scalarOperations[name];
      const b = new Builder(name);
      const program = b.finish(b.operation(name, ...args.map((type, i) => b.scalarParameter(`x${i}`, type))));
      const lists = args.map((type) => samples[type]);
      const divides = name === "i32.div" || name === "i32.rem";
      const call = (...xs: number[]): void => {
        if (divides && (xs[1] === 0 || (xs[0] === -(2 ** 31) && xs[1] === -1))) return;
        // An index made of an f64 is in range.
        if (name === "i32.from_f64" && !(Math.abs(xs[0]) < 2 ** 31)) return;
        const expected = value(...xs);
        if (name === "pow") {
          const found = run(program, xs).result!;
          const isNear = Math.abs(found - expected) <= 2 * Number.EPSILON * Math.abs(expected);
          return expect(isNear || Object.is(found, expected), `${name}(${xs.join()}) = ${found}`).toBe(true);
        }
        // The identities do not keep the sign of a zero.
        expect(run(program, xs).result, `${name}(${xs.join()})`).toBe(result === "f64" ? expected : Number(expected) + 0 || 0);
      };
      const [first, second = [undefined], third = [undefined]] = lists;
      for (const x of first) for (const y of second) for (const z of third) call(...[x, y, z].filter((v) => v !== undefined));
    });
  }
});

describe("functions", () => {
  it("takes constants of every sign", () => {
    const b = new Builder("scalars");
    const x = b.scalarParameter("x");
    const shifted = b.operation("sub", b.operation("mul", x, b.f64(-2.5)), b.f64(-1e-300));
    expect(run(b.finish(b.operation("add", shifted, b.operation("exp", b.operation("neg", x)))), [0.5]).result).toBe(
      -1.25 + Math.exp(-0.5),
    );
  });

  it("reads before it writes what it has read", () => {
    const b = new Builder("swap");
    const a = b.arrayParameter("a", 2, "inout");
    const [first, second] = [b.load(a, b.i32(0)), b.load(a, b.i32(1))];
    b.store(a, b.i32(0), second);
    b.store(a, b.i32(1), first);
    expect(run(b.finish(), [[1, 2]]).arrays[0]).toEqual([2, 1]);
  });

  it("reads before a loop, a branch, a fill or a call writes", () => {
    const clear = new Builder("clear");
    clear.fill(clear.arrayParameter("a", 1, "output"), clear.f64(0));
    const cleared = clear.finish();
    const writes: ((b: Builder, a: ReturnType<Builder["arrayParameter"]>, zero: Value) => void)[] = [
      (b, a) => b.fill(a, b.f64(0)),
      (b, a) => b.fill(a, b.f64(3)),
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
      const old = b.operation("add", b.load(a, b.i32(0)), b.f64(1));
      write(b, a, b.scalarParameter("zero"));
      expect(run(b.finish(old), [[4], 0]).result).toBe(5);
    }
  });

  it("swaps carried values", () => {
    const b = new Builder("fibonacci");
    const n = b.scalarParameter("n", "i32");
    const [x] = b.for(b.i32(0), n, 1, [b.f64(0), b.f64(1)], (_i, [x, y]) => [y, b.operation("add", x, y)]);
    const program = b.finish(x);
    expect([0, 1, 2, 10, 50].map((count) => run(program, [count]).result)).toEqual([0, 1, 1, 55, 12586269025]);
  });

  it("counts down and in strides", () => {
    const b = new Builder("count");
    const from = b.scalarParameter("from", "i32");
    const [digits] = b.for(from, b.i32(0), -3, [b.f64(0)], (i, [x]) => [
      b.operation("add", b.operation("mul", x, b.f64(10)), b.toF64(i)),
    ]);
    expect(run(b.finish(digits), [8]).result).toBe(852);
  });

  it("repeats while", () => {
    const b = new Builder("collatz");
    const n = b.scalarParameter("n", "i32");
    const [, steps] = b.while(
      [n, b.i32(0)],
      ([x]) => b.operation("i32.ne", x, b.i32(1)),
      ([x, count]) => {
        const odd = b.operation("i32.ne", b.operation("i32.and", x, b.i32(1)), b.i32(0));
        const up = b.operation("i32.add", b.operation("i32.mul", x, b.i32(3)), b.i32(1));
        return [b.operation("i32.select", odd, up, b.operation("i32.shr", x, b.i32(1))), b.operation("i32.add", count, b.i32(1))];
      },
    );
    expect(run(b.finish(steps), [27]).result).toBe(111);
  });

  it("branches with effects and results", () => {
    const b = new Builder("branch");
    const x = b.scalarParameter("x");
    const out = b.arrayParameter("out", 1, "inout");
    const [y] = b.if(
      b.operation("lt", x, b.f64(0)),
      () => (b.store(out, b.i32(0), b.f64(1)), [b.operation("sqrt", b.operation("neg", x))]),
      () => [b.operation("log", x)],
    );
    const program = b.finish(y);
    expect(run(program, [-4, [7]])).toEqual({ result: 2, arrays: [[1]] });
    expect(run(program, [1, [7]])).toEqual({ result: 0, arrays: [[7]] });
  });

  it("calls programs at offsets, each with its own locals, and functions of the host", () => {
    const inner = new Builder("twice");
    const source = inner.arrayParameter("x", 2, "input");
    const target = inner.arrayParameter("y", 2, "output");
    const scratch = inner.localArray("scratch", 2);
    inner.for(
      inner.i32(0),
      inner.i32(2),
      1,
      [],
      (i) => (inner.store(scratch, i, inner.operation("mul", inner.load(source, i), inner.f64(2))), []),
    );
    inner.for(inner.i32(0), inner.i32(2), 1, [], (i) => (inner.store(target, i, inner.load(scratch, i)), []));
    const twice = inner.finish(inner.f64(3));

    const seen: number[] = [];
    const told: External = {
      name: "tell",
      parameters: [{ kind: "scalar", name: "x", value: { id: 0, type: "f64", min: 0, max: 0 } }],
      call: (x) => void seen.push(x),
    };
    const b = new Builder("outer");
    const table = b.constantArray("table", Float64Array.of(0, 1, 2, 3));
    const weights = b.constantArray("weights", Int32Array.of(5, 6, 7));
    const out = b.arrayParameter("out", 4, "output");
    const scratchOut = b.localArray("scratch", 2);
    b.fill(scratchOut, b.f64(9));
    const three = b.call(twice, [
      { array: table, offset: b.i32(2) },
      { array: out, offset: b.i32(1) },
    ])!;
    b.call(told, [three]);
    b.store(out, b.i32(0), b.load(scratchOut, b.i32(1)));
    const k = b.operation("i32.from_f64", b.load(out, b.i32(1)));
    b.store(out, b.i32(3), b.toF64(b.load(weights, b.operation("i32.sub", k, b.i32(2)))));
    expect(run(b.finish(), [[0, 0, 0, 0]]).arrays[0]).toEqual([9, 4, 6, 7]);
    expect(seen).toEqual([3]);
  });

  it("finds elements before and after a moving index", () => {
    const b = new Builder("shift");
    const x = b.arrayParameter("x", 12, "input");
    const y = b.arrayParameter("y", 12, "output");
    b.for(b.i32(0), b.i32(3), 1, [], (i) => {
      const row = b.operation("i32.mul", i, b.i32(4));
      b.for(b.i32(0), b.i32(4), 1, [], (j) => {
        const at = b.operation("i32.add", row, j);
        const before = b.operation("i32.sub", at, b.i32(1));
        const mirrored = b.operation("i32.sub", b.i32(11), at);
        const [value] = b.if(
          b.operation("i32.gt", at, b.i32(0)),
          () => [b.operation("exp", b.load(x, before))],
          () => [b.f64(0)],
        );
        b.store(y, mirrored, value);
        return [];
      });
      return [];
    });
    const x0 = Array.from({ length: 12 }, (_, i) => i / 8);
    expect(run(b.finish(), [x0, x0]).arrays[1]).toEqual(x0.map((_, i) => (i === 11 ? 0 : Math.exp(x0[10 - i]))));
  });

  it("assembles a long sum", () => {
    const b = new Builder("long");
    const x = b.scalarParameter("x");
    let sum = x;
    for (let i = 0; i < 5000; i++) sum = b.operation("add", b.operation("mul", sum, x), b.f64(i % 2));
    expect(run(b.finish(sum), [1]).result).toBe(2501);
  });
});
