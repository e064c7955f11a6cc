import { describe, expect, it } from "vitest";
import { Arena } from "../../../src/compile/arena.ts";
import { compile } from "../../../src/compile/compile.ts";
import { Builder } from "../../../src/ir/builder.ts";
import { numbers } from "./harness.ts";
import { expOf, fixed, ONE, PRECISION } from "./precise.ts";

const COUNT = 4096;

const truth: Record<"exp" | "tanh", (x: number) => bigint> = {
  exp: (x) => expOf(fixed(x)),
  tanh: (x) => {
    const square = expOf(2n * fixed(x));
    return ((square - ONE) << PRECISION) / (square + ONE);
  },
};

/** Distance of y from the true value, in units of y's last place. */
function ulps(y: number, exact: bigint): number {
  const ulp = fixed(2 ** (Math.floor(Math.log2(Math.abs(y))) - 52));
  return Math.abs(Number(((fixed(y) - exact) * 1000n) / ulp)) / 1000;
}

/** The vector function over arrays of COUNT numbers. */
function overArrays(name: "exp" | "tanh"): (x: Float64Array) => Float64Array {
  const b = new Builder(name);
  const x = b.arrayParameter("x", COUNT, "input");
  const y = b.arrayParameter("y", COUNT, "output");
  b.for(b.i32(0), b.i32(COUNT), 1, [], (i) => (b.store(y, i, b.operation(name, b.load(x, i))), []));
  const arena = new Arena();
  const [from, to] = [arena.reserve(COUNT), arena.reserve(COUNT)];
  const { main } = compile({ main: b.finish() }, arena, "wasm").link();
  return (input) => {
    arena.f64(from, COUNT).set(input);
    main(from, to);
    return arena.f64(to, COUNT);
  };
}

const special = [
  0,
  -0,
  NaN,
  Infinity,
  -Infinity,
  5e-324,
  -5e-324,
  1e-310,
  2 ** -1022,
  1e-17,
  1,
  -1,
  709.782712893384,
  709.7827128933841,
  710,
  1e300,
  -708.4,
  -745.1332191019411,
  -745.13321910194122,
  -746,
  -1e300,
  19.0615,
  22,
  -22,
  0.17328679513998632,
];
/** The largest errors found in millions of points, rounded up. */
const figures = { exp: 1, tanh: 1.6 };
const ranges: Record<"exp" | "tanh", readonly number[]> = {
  exp: [1e-3, 0.35, 1, 30],
  tanh: [1e-8, 1e-3, 0.1, 0.3, 0.6, 1.5, 5, 12],
};

describe("vector functions", () => {
  for (const name of ["exp", "tanh"] as const) {
    it(`${name} has the special values of Math.${name}`, () => {
      const padded = Float64Array.from({ length: COUNT }, (_, i) => special[i % special.length]);
      const result = overArrays(name)(padded);
      special.forEach((x, i) => {
        const expected = Math[name](x);
        const isClose = Math.abs(result[i] - expected) <= Math.max(5e-16 * Math.abs(expected), Number.MIN_VALUE);
        expect(isClose || Object.is(result[i], expected), `${name}(${x}) = ${result[i]}, not ${expected}`).toBe(true);
      });
    });

    it(`${name} is within 2 ulp of the true value`, () => {
      const f = overArrays(name);
      let worst = 0;
      for (const range of ranges[name]) {
        const x = numbers(COUNT, 7).map((v) => v * range);
        f(x).forEach((value, i) => {
          worst = Math.max(worst, ulps(value, truth[name](x[i])));
        });
      }
      expect(worst).toBeLessThan(figures[name]);
    });

    it(`${name} is close to Math.${name} everywhere`, () => {
      const f = overArrays(name);
      let worst = 0;
      for (const range of [...ranges[name], 372]) {
        for (let seed = 1; seed <= 100; seed++) {
          const x = numbers(COUNT, seed).map((v) => v * range);
          f(x).forEach((value, i) => {
            if (Math.abs(x[i]) < 708 && x[i] !== 0) worst = Math.max(worst, Math.abs(value / Math[name](x[i]) - 1));
          });
        }
      }
      expect(worst).toBeLessThan(8e-16);
    });
  }

  it("tanh stays within -1 and 1, where it rounds to them too", () => {
    const f = overArrays("tanh");
    for (let seed = 1; seed <= 200; seed++) {
      const x = numbers(COUNT, seed).map((v) => Math.sign(v) * (17 + 1.5 * Math.abs(v)));
      for (const value of f(x)) expect(Math.abs(value)).toBeLessThanOrEqual(1);
    }
  });
});
