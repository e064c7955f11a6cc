import { describe, expect, it } from "vitest";
import { Builder } from "../../../src/ir/builder.ts";
import type { ArrayDeclaration, Program, Value } from "../../../src/ir/ir.ts";
import { walk } from "../../../src/ir/ir.ts";
import type { ScalarOperationName } from "../../../src/ir/scalar-operations.ts";
import { splitLoops } from "../../../src/passes/split.ts";
import { planVectors } from "../../../src/compile/wasm/vectorise.ts";
import { numbers, run, type Argument } from "./harness.ts";

const N = 11;

interface Kernel {
  /** Arrays x, y (inputs), z (in and out) of N elements, k (i32 indices below N) and a scalar a. */
  readonly build: (b: Builder, at: Operands) => Value | void;
  readonly vectorised: boolean;
  /** Where sums are taken in another order. */
  readonly digits?: number;
}

interface Operands {
  readonly x: ArrayDeclaration;
  readonly y: ArrayDeclaration;
  readonly z: ArrayDeclaration;
  readonly k: ArrayDeclaration;
  readonly a: Value;
  readonly n: Value;
  readonly op: (name: ScalarOperationName, ...args: (Value | number)[]) => Value;
}

function build({ build: body }: Kernel): Program {
  const b = new Builder("kernel");
  const [x, y] = ["x", "y"].map((name) => b.arrayParameter(name, N, "input"));
  const z = b.arrayParameter("z", N, "inout");
  const k = b.constantArray(
    "k",
    Int32Array.from({ length: N }, (_, i) => (i * 7 + 3) % N),
  );
  const a = b.scalarParameter("a");
  const n = b.scalarParameter("n", "i32", 0, N);
  const op: Operands["op"] = (name, ...args) =>
    b.operation(name, ...args.map((arg) => (typeof arg === "number" ? (name.startsWith("i32") ? b.i32(arg) : b.f64(arg)) : arg)));
  return b.finish(body(b, { x, y, z, k, a, n, op }) ?? undefined);
}

/** for i in from .. to: body(i), nothing carried. */
function each(b: Builder, from: number | Value, to: number | Value, step: number, body: (i: Value) => void): void {
  const bound = (x: number | Value): Value => (typeof x === "number" ? b.i32(x) : x);
  b.for(bound(from), bound(to), step, [], (i) => (body(i), []));
}

function sum(b: Builder, from: number, to: number, step: number, term: (i: Value, s: Value) => Value): Value {
  return b.for(b.i32(from), b.i32(to), step, [b.f64(0.25)], (i, [s]) => [term(i, s)])[0];
}

const kernels: Record<string, Kernel> = {
  axpy: {
    vectorised: true,
    build: (b, { x, z, a, op }) => each(b, 0, N, 1, (i) => b.store(z, i, op("add", op("mul", a, b.load(x, i)), b.load(z, i)))),
  },
  "as many as asked": {
    vectorised: true,
    build: (b, { x, y, z, n, op }) => each(b, 0, n, 1, (i) => b.store(z, i, op("add", b.load(x, i), b.load(y, i)))),
  },
  "counting down": {
    vectorised: true,
    build: (b, { x, z, op }) => each(b, N - 1, 0, -1, (i) => b.store(z, op("i32.sub", i, 1), op("mul", b.load(x, i), 3))),
  },
  "counting down to what is asked": {
    vectorised: true,
    build: (b, { x, z, n, op }) => each(b, N - 1, op("i32.sub", n, 1), -1, (i) => b.store(z, i, op("mul", b.load(x, i), 3))),
  },
  "dot product": {
    vectorised: true,
    digits: 12,
    build: (b, { x, y, op }) => sum(b, 0, N, 1, (i, s) => op("add", s, op("mul", b.load(x, i), b.load(y, i)))),
  },
  "a difference counted down": {
    vectorised: true,
    digits: 12,
    build: (b, { x, y, op }) => sum(b, N - 1, -1, -1, (i, s) => op("add", op("sub", s, b.load(x, i)), b.load(y, i))),
  },
  "a sum of some": {
    vectorised: true,
    digits: 12,
    build: (b, { x, y, op }) => sum(b, 0, N, 1, (i, s) => op("select", op("lt", b.load(x, i), 0), op("add", s, b.load(y, i)), s)),
  },
  "a maximum": { vectorised: true, build: (b, { x, op }) => sum(b, 0, N, 1, (i, s) => op("max", b.load(x, i), s)) },
  "a minimum": { vectorised: true, build: (b, { x, op }) => sum(b, 0, N, 1, (i, s) => op("min", s, b.load(x, i))) },
  "a recurrence": {
    vectorised: false,
    build: (b, { x, op }) => sum(b, 0, N, 1, (i, s) => op("add", op("mul", s, 0.5), b.load(x, i))),
  },
  "a running sum": {
    vectorised: false,
    build: (b, { x, z, op }) =>
      sum(b, 0, N, 1, (i, s) => {
        const next = op("add", s, b.load(x, i));
        b.store(z, i, next);
        return next;
      }),
  },
  "each needs the one before": {
    vectorised: false,
    build: (b, { z, op }) => each(b, 1, N, 1, (i) => b.store(z, i, op("add", b.load(z, op("i32.sub", i, 1)), b.load(z, i)))),
  },
  "each needs the one after": {
    vectorised: true,
    build: (b, { z, op }) => each(b, 0, N - 1, 1, (i) => b.store(z, i, op("add", b.load(z, op("i32.add", i, 1)), b.load(z, i)))),
  },
  "each needs the one after, counting down": {
    vectorised: false,
    build: (b, { z, op }) =>
      each(b, N - 2, -1, -1, (i) => b.store(z, i, op("add", b.load(z, op("i32.add", i, 1)), b.load(z, i)))),
  },
  "each needs the second before": {
    vectorised: true,
    build: (b, { z, op }) => each(b, 2, N, 1, (i) => b.store(z, i, op("mul", b.load(z, op("i32.sub", i, 2)), b.load(z, i)))),
  },
  "all need the first": {
    vectorised: false,
    build: (b, { z, op }) => each(b, 0, N, 1, (i) => b.store(z, i, op("add", op("mul", b.load(z, b.i32(0)), 2), b.load(z, i)))),
  },
  "all into the first": {
    vectorised: true,
    digits: 12,
    build: (b, { x, y, z, op }) => each(b, 0, N, 1, (i) => b.accumulate(z, b.i32(0), op("mul", b.load(x, i), b.load(y, i)))),
  },
  "all into the first, which is read": {
    vectorised: false,
    build: (b, { x, z, op }) => each(b, 0, N, 1, (i) => b.accumulate(z, b.i32(0), op("mul", b.load(x, i), b.load(z, i)))),
  },
  "all into one that is looked up in the loop, as many as asked": {
    vectorised: true,
    digits: 12,
    build: (b, { x, y, z, k, n, op }) =>
      each(b, 0, n, 1, (i) => {
        const terms = op("add", op("mul", b.load(x, i), b.load(y, i)), op("mul", b.load(x, i), b.load(x, i)));
        b.accumulate(z, b.load(k, op("i32.sub", n, 1)), op("sqrt", op("abs", terms)));
      }),
  },
  "all into neighbours": {
    vectorised: true,
    digits: 12,
    build: (b, { x, z, a, op }) =>
      each(b, 1, N - 1, 1, (i) => {
        const flow = op("mul", a, b.load(x, i));
        b.accumulate(z, op("i32.sub", i, 1), flow);
        b.accumulate(z, i, op("mul", flow, -2));
        b.accumulate(z, op("i32.add", i, 1), flow);
      }),
  },
  "mirrored and scattered": {
    vectorised: true,
    digits: 12,
    build: (b, { x, y, z, k, a, op }) =>
      each(b, 0, N, 1, (i) => {
        const value = op(
          "mul",
          op("add", op("mul", a, b.load(x, i)), b.load(y, i)),
          op("add", op("mul", b.load(y, i), b.load(y, i)), a),
        );
        b.accumulate(z, b.load(k, i), op("mul", value, b.load(x, op("i32.sub", N - 1, i))));
      }),
  },
  "a periodic stencil by selects": {
    vectorised: true,
    build: (b, { x, z, op }) =>
      each(b, 0, N, 1, (i) => {
        const next = op("i32.select", op("i32.eq", i, N - 1), b.i32(0), op("i32.add", i, 1));
        const last = op("i32.select", op("i32.gt", i, 0), op("i32.sub", i, 1), b.i32(N - 1));
        b.store(z, i, op("sub", op("add", b.load(x, next), b.load(x, last)), op("mul", b.load(x, i), 2)));
      }),
  },
  "a periodic stencil by remainders": {
    vectorised: true,
    build: (b, { x, z, op }) =>
      each(b, 0, N, 1, (i) => {
        const next = op("i32.rem", op("i32.add", i, 1), N);
        const last = op("i32.rem", op("i32.add", op("i32.sub", i, 1), N), N);
        b.store(z, i, op("sub", op("add", b.load(x, next), b.load(x, last)), op("mul", b.load(x, i), 2)));
      }),
  },
  "a layer of tanh": {
    vectorised: true,
    digits: 14,
    build: (b, { x, y, z, op }) =>
      each(b, 0, N, 1, (i) => b.store(z, i, op("tanh", op("add", op("mul", b.load(x, i), 0.5), b.load(y, i))))),
  },
  "calls, lane by lane": {
    vectorised: true,
    build: (b, { x, y, z, op }) =>
      each(b, 0, N, 1, (i) => b.store(z, i, op("mul", op("mul", op("sin", b.load(x, i)), b.load(y, i)), b.load(x, i)))),
  },
  "numbers of the iterations": {
    vectorised: true,
    build: (b, { x, z, op }) =>
      each(b, 0, N, 1, (i) => b.store(z, i, op("mul", op("f64.from_i32", op("i32.add", op("i32.mul", i, 3), 1)), b.load(x, i)))),
  },
  "a branch with effects": {
    vectorised: true,
    build: (b, { x, y, z, a, op }) =>
      each(b, 0, N, 1, (i) => {
        const v = b.load(x, i);
        const [w] = b.if(
          op("lt", v, 0),
          () => (b.store(z, i, op("mul", v, v)), [op("div", v, 3)]),
          () => (b.accumulate(z, i, op("exp", v)), [op("sqrt", v)]),
        );
        b.accumulate(z, i, op("mul", op("add", w, a), b.load(y, i)));
      }),
    digits: 14,
  },
  "a branch of all": {
    vectorised: true,
    build: (b, { x, y, z, a, op }) =>
      each(b, 0, N, 1, (i) => {
        const [w] = b.if(
          op("lt", a, 1),
          () => (b.store(z, i, b.load(y, i)), [op("div", b.load(x, i), 3)]),
          () => [op("sqrt", op("abs", b.load(x, i)))],
        );
        b.accumulate(z, i, op("mul", w, b.load(y, i)));
      }),
  },
  "masks combined": {
    vectorised: true,
    build: (b, { x, y, z, a, op }) =>
      each(b, 0, N, 1, (i) => {
        const low = op("lt", b.load(x, i), 0);
        const both = op("bool.or", op("bool.and", low, op("lt", a, b.load(y, i))), op("bool.not", low));
        b.store(z, i, op("select", both, op("mul", b.load(x, i), 2), op("select", op("lt", a, 1), b.load(y, i), b.load(x, i))));
      }),
  },
};

/** Does the vectoriser take every loop that is left after splitting? */
function isVectorised(program: Program): boolean {
  const loops = [...walk(splitLoops(program).body)].filter((i) => i.kind === "for");
  return loops.length > 0 && loops.every((loop) => planVectors(loop) !== undefined);
}

describe("vectorised loops agree with JavaScript", () => {
  for (const [name, kernel] of Object.entries(kernels)) {
    it(name, () => {
      const program = build(kernel);
      expect(isVectorised(program)).toBe(kernel.vectorised);
      for (const [a, n] of [
        [1.5, N],
        [0.5, N - 1],
        [-1, 0],
        [2, 1],
        [0, 2],
        // So many that of two copies of a loop's body, and of what is left for one, each runs with and without the other.
        ...[3, 4, 5, 6, 7, 8].map((n) => [1.5, n]),
      ]) {
        const args: Argument[] = [numbers(N, 1), numbers(N, 2), numbers(N, 3), a, n];
        const expected = run(program, args, "javascript");
        const actual = run(program, args);
        const close = (x: number, y: number): void =>
          kernel.digits ? expect(x).toBeCloseTo(y, kernel.digits) : expect(x).toBe(y);
        if (expected.result !== undefined) close(actual.result, expected.result);
        expected.arrays.forEach((array, i) => array.forEach((value, j) => close(actual.arrays[i][j], value)));
      }
    });
  }
});
