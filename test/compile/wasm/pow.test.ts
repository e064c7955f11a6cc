/** x^y in WebAssembly, on lanes and one by one, against the true values and the special values of JavaScript. */
import { describe, expect, it } from "vitest";
import { Arena } from "../../../src/compile/arena.ts";
import { compile, type Target } from "../../../src/compile/compile.ts";
import { Builder } from "../../../src/ir/builder.ts";
import { walk, type Value } from "../../../src/ir/ir.ts";
import { lower } from "../../../src/passes/lower.ts";
import { numbers, run } from "./harness.ts";
import { fixed, ONE, powOf, times } from "./precise.ts";

const COUNT = 1024;

/** A function of two numbers over arrays of COUNT. */
function overArrays(
  f: (b: Builder, x: Value, y: Value) => Value,
  target: Target = "wasm",
): (x: Float64Array, y: Float64Array) => Float64Array {
  const b = new Builder("power");
  const [x, y] = ["x", "y"].map((name) => b.arrayParameter(name, COUNT, "input"));
  const z = b.arrayParameter("z", COUNT, "output");
  b.for(b.i32(0), b.i32(COUNT), 1, [], (i) => (b.store(z, i, f(b, b.load(x, i), b.load(y, i))), []));
  const arena = new Arena();
  const at = [x, y, z].map(() => arena.reserve(COUNT));
  const { main } = compile({ main: b.finish() }, arena, target).link();
  return (xs, ys) => {
    arena.f64(at[0], COUNT).set(xs);
    arena.f64(at[1], COUNT).set(ys);
    main(...at);
    return arena.f64(at[2], COUNT);
  };
}

const pow = overArrays((b, x, y) => b.operation("pow", x, y));

/** Distance of a normal number from the true power, in units of its last place. */
function ulps(found: number, x: number, y: number): number {
  const { value, exponent } = powOf(x, y);
  const half = Math.trunc(exponent / 2);
  const scaled = found / 2 ** half / 2 ** (exponent - half);
  const ulp = fixed(2 ** (Math.floor(Math.log2(scaled)) - 52));
  return Math.abs(Number(((fixed(scaled) - value) * 1000n) / ulp)) / 1000;
}

const special = [
  0,
  -0,
  1,
  -1,
  2,
  -2,
  0.5,
  -0.5,
  3,
  -3,
  1.5,
  -1.5,
  1e20,
  1074,
  -1074,
  NaN,
  Infinity,
  -Infinity,
  5e-324,
  -5e-324,
  1e-310,
  1e-300,
  1e300,
  1e308,
  -1e308,
  2 ** 53,
  2 ** 53 + 2,
  1 - 2 ** 53,
  1 + 2 ** -52,
  1 - 2 ** -53,
];

describe("powers in WebAssembly", () => {
  it("have the special values of JavaScript", () => {
    const pairs = special.flatMap((x) => special.map((y) => [x, y]));
    const padded = (k: number): Float64Array => Float64Array.from({ length: COUNT }, (_, i) => pairs[i % pairs.length][k]);
    const found = pow(padded(0), padded(1));
    const b = new Builder("one");
    const alone = b.finish(b.operation("pow", b.scalarParameter("x"), b.scalarParameter("y")));
    pairs.forEach(([x, y], i) => {
      const expected = x ** y;
      for (const value of [found[i], i % 7 === 0 ? run(alone, [x, y]).result! : found[i]]) {
        const isNear = Math.abs(value - expected) <= Math.max(5e-16 * Math.abs(expected), Number.MIN_VALUE);
        expect(isNear || Object.is(value, expected), `(${x}) ** ${y} = ${value}, not ${expected}`).toBe(true);
      }
    });
  });

  it("are within 2 ulp of the true value", () => {
    let worst = 0;
    for (const [size, most] of [
      [1, 3],
      [0.1, 100],
      [1e-6, 1e6],
      [10, 20],
      [350, 1],
      [700, 1],
    ]) {
      const x = numbers(COUNT, 3).map((v) => Math.exp(v * size));
      const y = numbers(COUNT, 5).map((v) => v * most);
      pow(x, y).forEach((value, i) => {
        if (i % 4 === 0 && value > 1e-300 && value < 1e300) worst = Math.max(worst, ulps(value, x[i], y[i]));
      });
    }
    expect(worst).toBeGreaterThan(0.4);
    expect(worst).toBeLessThan(1);
  });

  it("agree with JavaScript where results overflow, or are below the normal numbers", () => {
    const x = numbers(COUNT, 8).map((v) => 2 ** (50 * v));
    const y = numbers(COUNT, 9).map((v) => 21.6 * Math.sign(v) + v);
    const found = pow(x, y);
    x.forEach((v, i) => {
      const expected = v ** y[i];
      const isNear = Math.abs(found[i] - expected) <= Math.max(5e-16 * expected, Number.MIN_VALUE);
      expect(isNear || found[i] === expected, `${v} ** ${y[i]} = ${found[i]}, not ${expected}`).toBe(true);
    });
  });
});

/** Roundings of a product: one a factor, and one more each for a root and a reciprocal; half a ulp is at most 2^-53 of a number. */
function bound(exponent: number): number {
  const factors = Math.trunc(Math.abs(exponent));
  return (Math.max(factors - 1, 0) + (Number.isInteger(exponent) ? 0 : 2) + (exponent < 0 ? 1 : 0)) * 2 ** -53;
}

describe.each([4, 5, 7, 12, 16, -2, -4, -5, 1.5, 2.5, -0.5, -1.5, 7.5])("x ** %d is multiplied out", (exponent) => {
  const x = numbers(COUNT, 4).map((v) => Math.exp(2 * v));

  it.each(["wasm", "javascript"] as const)("in %s, a rounding a factor at most", (target) => {
    const found = overArrays((b, v) => b.operation("pow", v, b.f64(exponent)), target)(x, x);
    found.forEach((value, i) => {
      if (i % 32 !== 0) return;
      const { value: exact, exponent: power } = powOf(x[i], exponent);
      const error = Number(((fixed(value / 2 ** power) - exact) << 60n) / exact) * 2 ** -60;
      expect(Math.abs(error)).toBeLessThanOrEqual(bound(exponent) * (1 + 1e-9));
    });
  });

  it("without a power left", () => {
    const b = new Builder("power");
    const program = lower(b.finish(b.operation("pow", b.scalarParameter("x"), b.f64(exponent))));
    const operations = [...walk(program.body)].map((i) => (i.kind === "let" ? i.operation : i.kind));
    expect(operations).not.toContain("pow");
    expect(operations.length).toBeLessThanOrEqual(2 * Math.log2(Math.abs(exponent) + 1) + 2);
  });
});

it("the reference is right", () => {
  expect(powOf(3, 5)).toEqual({ value: expect.anything(), exponent: 7 });
  const { value } = powOf(3, 5);
  expect(Math.abs(Number(((value - (243n * ONE) / 128n) << 200n) / ONE)) * 2 ** -200).toBeLessThan(1e-80);
  const { value: root, exponent } = powOf(2, 0.5);
  expect(exponent).toBe(0);
  expect(Math.abs(Number(((times(root, root) - 2n * ONE) << 200n) / ONE)) * 2 ** -200).toBeLessThan(1e-80);
});
