import { expect, it } from "vitest";
import type { ArrayDeclaration, Program, Value } from "../../src/ir/ir.ts";
import { Builder } from "../../src/ir/builder.ts";
import { fuseLoops } from "../../src/passes/fuse.ts";
import { walk } from "../../src/ir/ir.ts";
import { run } from "../derive/harness.ts";

const N = 6;
const x = Float64Array.from({ length: N }, (_, i) => Math.sin(i + 1));

interface Given {
  readonly b: Builder;
  readonly x: ArrayDeclaration;
  readonly between: ArrayDeclaration;
  readonly out: ArrayDeclaration;
  /** Over all elements. */
  readonly each: (body: (i: Value) => void, count?: number) => void;
}

/** The program and what became of it, both run: the numbers of loops and of local arrays left, and the output. */
function fused(write: (given: Given) => void): { loops: number; locals: number; out: number[] } {
  const b = new Builder("two loops");
  const input = b.arrayParameter("x", N, "input");
  const out = b.arrayParameter("out", N, "output");
  const each: Given["each"] = (body, count = N) => {
    b.for(b.i32(0), b.i32(count), 1, [], (i) => {
      body(i);
      return [];
    });
  };
  write({ b, x: input, between: b.localArray("between", N), out, each });
  const program = b.finish();
  const result = fuseLoops(program);
  const [expected, found] = [program, result].map((one: Program) => {
    const arrays: Record<string, Float64Array> = { x };
    run(one, arrays, {}, "wasm");
    return [...arrays.out];
  });
  found.forEach((value, i) => expect(value).toBeCloseTo(expected[i], 14));
  return {
    loops: [...walk(result.body)].filter(({ kind }) => kind === "for").length,
    locals: result.arrays.filter(({ role }) => role === "local").length,
    out: found,
  };
}

const plusOne = (b: Builder, i: Value): Value => b.operation("i32.add", i, b.i32(1));
const double = (b: Builder, value: Value): Value => b.operation("mul", value, b.f64(2));

it("loops that pass elements on become one, and the array between them goes", () => {
  const { out, ...rest } = fused(({ b, x, between, out, each }) => {
    each((i) => b.store(between, i, double(b, b.load(x, i))));
    each((i) => b.store(out, i, b.operation("add", b.load(between, i), b.f64(1))));
  });
  expect(rest).toEqual({ loops: 1, locals: 0 });
  x.forEach((value, i) => expect(out[i]).toBeCloseTo(2 * value + 1, 14));
});

it("so do sums begun with a fill", () => {
  const { out, ...rest } = fused(({ b, x, between, out, each }) => {
    b.fill(between, b.f64(3));
    each((i) => b.accumulate(between, i, b.load(x, i)));
    each((i) => b.accumulate(between, i, double(b, b.load(x, i))));
    each((i) => b.store(out, i, b.load(between, i)));
  });
  expect(rest).toEqual({ loops: 1, locals: 0 });
  x.forEach((value, i) => expect(out[i]).toBeCloseTo(3 + 3 * value, 14));
});

it("carried values stay each loop's own; what lies between, and needs neither, goes first", () => {
  const { out, loops } = fused(({ b, x, out }) => {
    b.fill(out, b.f64(0));
    const sum = (first: number): Value =>
      b.for(b.i32(0), b.i32(N), 1, [b.f64(first)], (i, [s]) => [b.operation("add", s, b.load(x, i))])[0];
    const a = sum(1);
    b.accumulate(out, b.i32(2), double(b, b.load(x, b.i32(0))));
    const c = sum(10);
    b.store(out, b.i32(0), a);
    b.store(out, b.i32(1), c);
  });
  expect(loops).toBe(1);
  const total = x.reduce((s, value) => s + value, 0);
  [1 + total, 10 + total, 2 * x[0]].forEach((value, i) => expect(out[i]).toBeCloseTo(value, 14));
});

it.each<[string, (given: Given) => void]>([
  [
    "a neighbour is read",
    ({ b, x, between, out, each }) => {
      b.fill(between, b.f64(0));
      b.fill(out, b.f64(0));
      each((i) => b.store(between, i, b.load(x, i)), N - 1);
      each((i) => b.store(out, i, b.load(between, plusOne(b, i))), N - 1);
    },
  ],
  [
    "elements are read in the opposite order",
    ({ b, x, between, out, each }) => {
      b.fill(out, b.f64(0));
      each((i) => b.store(between, i, b.load(x, i)), N - 1);
      each((i) => b.store(out, plusOne(b, i), b.load(between, b.operation("i32.sub", b.i32(N - 2), i))), N - 1);
    },
  ],
  [
    "one element is read by all",
    ({ b, x, between, out, each }) => {
      each((i) => b.store(between, i, b.load(x, i)));
      each((i) => b.store(out, i, b.load(between, b.i32(3))));
    },
  ],
  [
    "the first loop's result is used",
    ({ b, x, out, each }) => {
      const [sum] = b.for(b.i32(0), b.i32(N), 1, [b.f64(0)], (i, [s]) => [b.operation("add", s, b.load(x, i))]);
      each((i) => b.store(out, i, b.operation("mul", sum, b.load(x, i))));
    },
  ],
  [
    "what lies between reads what the first loop wrote",
    ({ b, x, between, out, each }) => {
      each((i) => b.store(between, i, b.load(x, i)));
      const last = b.load(between, b.i32(N - 1));
      each((i) => b.store(out, i, b.operation("mul", last, b.load(x, i))));
    },
  ],
  [
    "an array is filled anew between them",
    ({ b, x, between, out, each }) => {
      b.fill(between, b.f64(1));
      each((i) => b.store(out, i, b.operation("mul", b.load(between, i), b.load(x, i))));
      b.fill(between, b.f64(2));
      each((i) => b.store(out, i, b.operation("add", b.load(out, i), b.load(between, i))));
    },
  ],
])("two loops stay two where %s", (_, write) => {
  expect(fused(write).loops).toBe(2);
});
