/** Losses whose constants are others in every call: what they hold is data, which compiles nothing. */
import { describe, expect, it } from "vitest";
import { gradient, gradientBatch, ndarray, odeProblem, solve, tsit5 } from "../../../index.ts";
import { pseudoRandom } from "../../../src/problem/pseudo-random.ts";

const lotkaVolterra = odeProblem({
  rhs(du, u, p) {
    du.prey = p.a * u.prey - p.b * u.prey * u.predator;
    du.predator = p.d * u.prey * u.predator - p.c * u.predator;
  },
  u0: { prey: 1, predator: 1 },
  tspan: [0, 5],
  p: { a: 1.5, b: 1, c: 3, d: 1 },
});
type U = { prey: number; predator: number };
type Of<C> = (u: U, p: unknown, t: number, i: number, constants: C) => number;

const at = Array.from({ length: 10 }, (_, i) => (i + 1) / 2);
const options = { solver: tsit5(), rtol: 1e-8, atol: 1e-8 } as const;
const states = solve(lotkaVolterra, { ...options, saveat: at }).u;
const random = pseudoRandom();
const numbers = (count = at.length): number[] => Array.from({ length: count }, () => random());

function expected<C>(of: Of<C>, constants: C): number {
  return states.reduce((sum, u, i) => sum + of(u, undefined, at[i], i, constants), 0);
}

const square = (x: number): number => x * x;

/** A loss with what its constants are in each call; each by its own text. */
function family<C>(name: string, of: Of<C>, constants: (call: number) => C): [string, Of<unknown>, (call: number) => unknown] {
  return [name, of as Of<unknown>, constants];
}

const arrays = [
  family(
    "typed arrays",
    (u, _p, _t, i, { data }) => (u.prey - data[i]) ** 2,
    () => ({ data: Float64Array.from(numbers()) }),
  ),
  family(
    "views of a typed array",
    (u, _p, _t, i, { part }) => (u.prey - part[i]) ** 2,
    (call: number) => ({ part: Float64Array.from(numbers(40)).subarray(call % 30, (call % 30) + 10) }),
  ),
  family(
    "plain arrays",
    (u, _p, _t, i, { plain }) => (u.prey - plain[i]) ** 2,
    () => ({ plain: numbers() }),
  ),
  family(
    "nested arrays",
    (u, _p, _t, i, { pairs }) => (u.prey - pairs[i][0]) ** 2 + (u.predator - pairs[i][1]) ** 2,
    () => ({ pairs: numbers().map((x) => [x, x * x]) }),
  ),
  family(
    "ndarrays",
    (u, _p, _t, i, { table }) => (u.prey - table.get(i, 0)) ** 2 + (u.predator - table.get(i, 1)) ** 2,
    () => ({ table: ndarray(numbers(20), [10, 2]) }),
  ),
  family(
    "rows",
    (u, _p, _t, i, { rows }) => (u.prey - rows[i].x) ** 2 + rows[i].weight[0] * u.predator,
    () => ({ rows: numbers().map((x) => ({ x, weight: [x * x] })) }),
  ),
  family(
    "elements by number",
    (u, _p, _t, _i, { two }) => two[0] * u.prey + two[1] * u.predator,
    (call: number) => ({ two: [call, call === 3 ? 0 : 1 / (call + 1)] }),
  ),
  family(
    "plain arrays of indices",
    (u, _p, _t, i, { all, which }) => (u.prey - all[which[i]]) ** 2,
    (call: number) => ({ all: numbers(30), which: at.map((_, i) => (7 * i + call) % 30) }),
  ),
  family(
    "typed arrays of indices",
    (u, _p, _t, i, { all, chosen }) => (u.prey - all[chosen[i]]) ** 2,
    (call: number) => ({ all: numbers(30), chosen: Int32Array.from(at, (_, i) => (7 * i + call) % 30) }),
  ),
  family(
    "nested objects and a helper",
    (u, _p, _t, i, { batch, square: f }) => f(u.prey - batch.observed.prey[i]),
    () => ({ square, batch: { observed: { prey: numbers() } } }),
  ),
];

const scalars = [
  family(
    "a factor",
    (u, _p, _t, i, { data, k }) => k * (u.prey - data[i]) ** 2,
    (call: number) => ({ k: call + 1, data: numbers() }),
  ),
  family(
    "the start of a batch",
    (u, _p, _t, i, { all, start }) => (u.prey - all[start + i]) ** 2,
    (call: number) => ({ start: call % 20, all: numbers(30) }),
  ),
  family(
    "a threshold",
    (u, _p, _t, _i, { most }) => (u.prey > most ? most * u.prey : u.predator),
    (call: number) => ({ most: 0.5 + (call % 10) / 3 }),
  ),
];

/** Compilations of each gradient. */
function run(of: Of<unknown>, constantsOf: (call: number) => unknown, target: "wasm" | "javascript", calls: number): number[] {
  return Array.from({ length: calls }, (_, call) => {
    const constants = constantsOf(call);
    const result = gradient(lotkaVolterra, { ...options, target, loss: { at, of, constants } });
    expect(result.value / expected(of, constants)).toBeCloseTo(1, 6);
    return result.stats.compilations;
  });
}

describe("mini-batches", () => {
  it.each(arrays)("of %s compile once", (_name, of, constants) => {
    for (const target of ["wasm", "javascript"] as const) {
      const [first, ...others] = run(of, constants, target, target === "wasm" ? 200 : 10);
      expect(first).toBeGreaterThan(0);
      expect(others.filter((compilations) => compilations > 0)).toEqual([]);
    }
  });

  it.each(scalars)("of %s compile once more, when it is seen to change", (_name, of, constants) => {
    const [first, second, ...others] = run(of, constants, "wasm", 200);
    expect(first).toBeGreaterThan(0);
    expect(second).toBeGreaterThan(0);
    expect(others.filter((compilations) => compilations > 0)).toEqual([]);
  });

  it("compile a bound of a loop in, and no more than its values", () => {
    const of: Of<{ data: number[]; n: number }> = (u, _p, _t, _i, { data, n }) => {
      let sum = 0;
      for (let j = 0; j < n; j++) sum += (u.prey - data[j]) ** 2;
      return sum;
    };
    const compilations = run(of as Of<unknown>, (call) => ({ data: numbers(), n: 1 + (call % 3) }), "wasm", 30);
    expect(compilations.slice(3).filter((count) => count > 0)).toEqual([]);
  });

  it("give gradients that differences agree with", () => {
    for (const [, of, constantsOf] of [...arrays, ...scalars]) {
      const constants = constantsOf(5);
      const loss = { at, of, constants };
      const value = (a: number): number => gradient(lotkaVolterra, { ...options, loss, p: { a, b: 1, c: 3, d: 1 } }).value;
      const slope = (value(1.5 + 1e-4) - value(1.5 - 1e-4)) / 2e-4;
      const exact = gradient(lotkaVolterra, { ...options, loss }).gradient.p!.a;
      expect(Math.abs(exact - slope)).toBeLessThan(1e-4 * Math.abs(slope) + 1e-4);
    }
  });

  it("see what is written into an array between two calls", () => {
    const data = Float64Array.from(numbers());
    const of: Of<{ data: Float64Array }> = (u, _p, _t, i, { data: seen }) => (u.prey - seen[i]) ** 2 + 1;
    const loss = { at, of, constants: { data } };
    for (let call = 0; call < 3; call++) {
      data[call] = call;
      expect(gradient(lotkaVolterra, { ...options, loss }).value).toBeCloseTo(expected(of, { data }), 5);
    }
  });

  it("see not-a-number among their data, and get over it", () => {
    const of: Of<{ data: number[] }> = (u, _p, _t, i, { data }) => (u.prey - data[i]) ** 2 + 2;
    const value = (data: number[]): number =>
      gradient(lotkaVolterra, { ...options, loss: { at, of, constants: { data } } }).value;
    const good = numbers();
    const before = value(good);
    expect(() => value(good.with(4, NaN))).toThrow(/at t = 2.5/);
    expect(value(good)).toBe(before);
  });

  it("may be nested: each gradient has its own data", () => {
    const of: Of<{ data: number[] }> = (u, _p, _t, i, { data }) => (u.prey - data[i]) ** 2 + 3;
    const [outer, inner] = [numbers(), numbers()];
    const value = (data: number[], onProgress?: () => void): number =>
      gradient(lotkaVolterra, { ...options, onProgress, maxStep: 0.01, loss: { at, of, constants: { data } } }).value;
    const [alone, other] = [value(outer), value(inner)];
    let calls = 0;
    const nested = value(outer, () => {
      calls++;
      expect(value(inner)).toBe(other);
    });
    expect(calls).toBeGreaterThan(0);
    expect(nested).toBe(alone);
    // Another loop within: nothing is left held.
    const compilations = Array.from({ length: 5 }, () => {
      const loss = { at, of, constants: { data: numbers() } };
      return gradient(lotkaVolterra, { ...options, maxStep: 0.01, loss }).stats.compilations;
    });
    expect(compilations).toEqual([0, 0, 0, 0, 0]);
  });

  it("run at once in batches: each has its own data", async () => {
    const of: Of<{ data: number[] }> = (u, _p, _t, i, { data }) => (u.prey - data[i]) ** 2 + 4;
    const p = ndarray(
      Float64Array.from({ length: 400 }, (_, k) => [1.5, 1, 3, 1][k % 4] * (1 + k / 4000)),
      [100, 4],
    );
    const sums = [numbers(), numbers(), numbers()].map((data) => async () => {
      const { value } = await gradientBatch(lotkaVolterra, { p, loss: { at, of, constants: { data } } });
      return value;
    });
    const alone: number[] = [];
    for (const sum of sums) alone.push(await sum());
    expect(new Set(alone).size).toBe(3);
    expect(await Promise.all(sums.map((sum) => sum()))).toEqual(alone);
  });

  it("of losses that run by themselves compile once, and each has its own data, nested too", () => {
    const of: Of<{ data: number[]; k: { times: number } }> = (u, _p, _t, i, { data, k }) => {
      const list: number[] = [];
      for (let j = 0; j < 3; j++) list.push(k.times * (u.prey - data[i]));
      return list.sort((a, b) => a - b)[1] ** 2;
    };
    const readable: typeof of = (u, _p, _t, i, { data, k }) => (k.times * (u.prey - data[i])) ** 2;
    const sum = (one: typeof of, constants: { data: number[]; k: { times: number } }, onProgress?: () => void) =>
      gradient(lotkaVolterra, { ...options, onProgress, loss: { at, of: one, constants } });
    const each = Array.from({ length: 10 }, (_, call) => ({ data: numbers(), k: { times: 1 + (call % 3) } }));
    const compilations = each.map((constants) => {
      const [own, read] = [of, readable].map((one) => sum(one, constants));
      expect(own.warnings.join()).toMatch(/runs by itself/);
      expect(own.value).toBeCloseTo(read.value, 8);
      expect(own.gradient.p!.a).toBeCloseTo(read.gradient.p!.a, 8);
      return own.stats.compilations;
    });
    expect(compilations.slice(1).filter((count) => count > 0)).toEqual([]);
    const [a, b] = each;
    const [alone, other] = [sum(of, a).value, sum(of, b).value];
    const nested = sum(of, a, () => expect(sum(of, b).value).toBe(other));
    expect(nested.value).toBe(alone);
    expect(sum(of, b).value).toBe(other);
  });

  describe("whose constants look alike, but are not, are seen", () => {
    type Any = Readonly<Record<string, unknown>>;
    const each = (of: Of<never>, ...constants: Any[]): void => {
      for (const own of [...constants, ...constants.toReversed()]) {
        const loss = { at, of: of as Of<unknown>, constants: own };
        expect(gradient(lotkaVolterra, { ...options, loss }).value / expected(of as Of<Any>, own)).toBeCloseTo(1, 6);
      }
    };
    const [x, y, z] = [numbers(), numbers(), numbers()];

    it("arrays that change places, or stand in two", () => {
      const of = (u: U, _p: unknown, _t: number, i: number, { a, b }: { a: number[]; b: { c: number[] } }): number =>
        (u.prey - a[i]) ** 2 + 2 * (u.predator - b.c[i]) ** 2;
      each(
        of as never,
        { a: x, b: { c: y } },
        { a: y, b: { c: x } },
        { a: x, b: { c: x } },
        { a: z, b: { c: x } },
        { a: y, b: { c: y } },
      );
    });

    it("arrays and numbers together", () => {
      const of = (u: U, _p: unknown, _t: number, i: number, { a, k }: { a: number[]; k: number }): number =>
        k * (u.prey - a[i]) ** 2;
      each(of as never, { a: x, k: 1 }, { a: y, k: 2 }, { a: x, k: 2 }, { a: z, k: 3 });
    });

    it("what getters and classes give", () => {
      class Data {
        constructor(private readonly own: number[]) {}
        get a(): number[] {
          return this.own.map((value) => 2 * value);
        }
      }
      const getter = (own: number[]): Any => ({
        get a() {
          return own.map((value) => 3 * value);
        },
      });
      const of = (u: U, _p: unknown, _t: number, i: number, c: { a: number[] }): number => (u.prey - c.a[i]) ** 2 + 5;
      each(of as never, new Data(x) as never, getter(x), { a: x }, getter(y), new Data(y) as never, { a: y });
      const nested = (u: U, _p: unknown, _t: number, i: number, { c }: { c: { a: number[] } }): number =>
        (u.prey - c.a[i]) ** 2 + 6;
      each(nested as never, { c: new Data(x) }, { c: getter(x) }, { c: new Data(y) }, { c: getter(y) }, { c: { a: y } });
    });

    it("kinds of arrays, and what is looked for in them", () => {
      const of = (u: U, _p: unknown, _t: number, i: number, { a, b }: { a: number[]; b: number[] }): number =>
        (u.prey - a[i]) ** 2 + (b.includes(2) ? u.predator : 1);
      const single = Float32Array.from(x);
      each(
        of as never,
        { a: x, b: [1, 2] },
        { a: y, b: [1, 3] },
        { a: single, b: [1, 3] },
        { a: Float64Array.from(x), b: [2, 2] },
      );
    });

    it("keys in another order", () => {
      const of = (u: U, _p: unknown, _t: number, i: number, { c }: { c: Record<string, number[]> }): number => {
        let sum = 0;
        for (const key in c) sum = 2 * sum + c[key][i] * u.prey;
        return sum;
      };
      each(of as never, { c: { a: x, b: y } }, { c: { b: y, a: x } }, { c: { a: z, b: x } }, { c: { b: z, a: x } });
    });
  });

  it("move the times at which an integrand switches", () => {
    const integral = (u: U, _p: unknown, t: number, { from }: { from: number[] }): number => (t > from[0] ? u.prey : 0);
    const value = (from: number): number =>
      gradient(lotkaVolterra, { ...options, loss: { integral, constants: { from: [from] } } }).value;
    // The integral of a stretch is the difference of two; that of 0 to 5 is known of a component more.
    const whole = gradient(lotkaVolterra, { ...options, loss: { integral: (u: U) => u.prey } }).value;
    const early = gradient(lotkaVolterra, { ...options, tspan: [0, 2], loss: { integral: (u: U) => u.prey } }).value;
    expect(value(0)).toBeCloseTo(whole, 6);
    expect(value(2)).toBeCloseTo(whole - early, 6);
    expect(value(0)).toBeCloseTo(whole, 6);
  });
});
