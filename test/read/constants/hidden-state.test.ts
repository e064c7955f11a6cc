/** Captured values, and constants, that are none. */
import { describe, expect, test } from "vitest";
import { gradient, HiddenState, NoSourceText, NotAConstant, odeProblem, solve } from "../../../index.ts";

const span = { u0: [1], tspan: [0, 1] as const, p: [1] };
const tight = { rtol: 1e-9, atol: 1e-9 };
const loss = { final: (u: ArrayLike<number>) => u[0] };

type Vector = ArrayLike<number>;
type Rhs = (u: Vector, p: Vector) => number[];

const promise = Promise.resolve(2) as never as { value: number } & number;
const later = { then: (done: (k: number) => void) => done(2) } as never as number;
function* counting(): Generator<number> {
  for (;;) yield 2;
}
const generator = counting();
const iterator = [2, 2].values();
const map = new WeakMap<object, number>();
const key = {};
map.set(key, 2);
const signal = new AbortController().signal;
/** As pages have them. */
const input = Object.create({ value: "2", nodeType: 1, [Symbol.toStringTag]: "HTMLInputElement" }) as { value: string };
class Sealed {
  #k = 2;
  rate(): number {
    return this.#k;
  }
  get k(): number {
    return this.#k;
  }
  set(k: number): void {
    this.#k = k;
  }
}
const sealed = new Sealed();

describe("a mistake, of solves too", () => {
  test.each<readonly [string, Rhs, RegExp]>([
    ["a promise", (u, p) => [promise * p[0] * u[0]], /line 1, column \d+: `promise` is a promise[^]*\^[^]*await promise/],
    ["a promise's property", (u, p) => [promise.value * p[0] * u[0]], /await promise/],
    ["what can be awaited", (u, p) => [later * p[0] * u[0]], /await later/],
    ["a generator", (u, p) => [generator.next().value * p[0] * u[0]], /`generator` gives another value[^]*\[\.\.\.generator\]/],
    ["an iterator", (u, p) => [iterator.next().value! * p[0] * u[0]], /`iterator` gives another/],
  ])("%s", (_, rhs, message) => {
    const problem = odeProblem({ ...span, rhs });
    for (const call of [() => solve(problem), () => gradient(problem, { loss })]) {
      expect(call).toThrow(NotAConstant);
      expect(call).toThrow(message);
    }
  });
});

describe("asked as it is by solves, and refused by gradients", () => {
  test.each<readonly [string, Rhs, RegExp]>([
    ["a WeakMap", (u, p) => [map.get(key)! * p[0] * u[0]], /`map` cannot be looked through[^]*map\.get\(key\)/],
    [
      "a part of the page",
      (u, p) => [Number(input.value) * p[0] * u[0]],
      /`input` is a part of the page[^]*Number\(input\.value\)/,
    ],
    ["a signal", (u, p) => [(signal.aborted ? 1 : 2) * p[0] * u[0]], /`signal` is a part of the page/],
  ])("%s", (_, rhs, message) => {
    const problem = odeProblem({ ...span, rhs });
    const { u, stats } = solve(problem, tight);
    expect(u.at(-1)![0]).toBeCloseTo(Math.exp(2), 6);
    expect(stats.compiled).toBe(false);
    expect(stats.reason).toMatch(new RegExp(message.source.split("[^]")[0]));
    expect(() => gradient(problem, { loss })).toThrow(HiddenState);
    expect(() => gradient(problem, { loss })).toThrow(message);
  });

  test("among the constants", () => {
    const problem = odeProblem({
      ...span,
      rhs: (u: Vector, p: Vector, _t: number, c: { map: typeof map; key: object }) => [c.map.get(c.key)! * p[0] * u[0]],
      constants: { map, key },
    });
    expect(() => gradient(problem, { loss })).toThrow(HiddenState);
  });
});

test("an object with private state says what to do, which works", () => {
  const problem = odeProblem({ ...span, rhs: (u: Vector, p: Vector) => [sealed.rate() * p[0] * u[0]] });
  expect(solve(problem, tight).stats.compiled).toBe(false);
  expect(() => gradient(problem, { loss })).toThrow(NoSourceText);
  expect(() => gradient(problem, { loss })).toThrow(/`#k`, a private field[^]*vjp: "finite"/);
  expect(gradient(problem, { loss, vjp: "finite", ...tight }).gradient.p![0]).toBeCloseTo(2 * Math.exp(2), 4);
});

test("what changes unseen is recorded anew in each call", () => {
  const own = new Sealed();
  const date = new Date(2);
  const slopes = (rhs: Rhs, change: () => void): number[] => {
    const problem = odeProblem({ ...span, rhs });
    const slope = (): number => gradient(problem, { loss, vjp: "compiledTape", ...tight }).gradient.p![0];
    const before = slope();
    change();
    return [before, slope()];
  };
  const known = [2, 3].map((k) => expect.closeTo(k * Math.exp(k), 4) as number);
  expect(
    slopes(
      (u, p) => [own.k * p[0] * u[0] + 0 * date.getTime()],
      () => own.set(3),
    ),
  ).toEqual(known);
  expect(
    slopes(
      (u, p) => [date.getTime() * p[0] * u[0]],
      () => void date.setTime(3),
    ),
  ).toEqual(known);
});
