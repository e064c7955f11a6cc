/** Losses of the states at all times at once: increments, orbits that close, correlations, against closed forms and other losses. */
import { describe, expect, it } from "vitest";
import {
  BadLoss,
  CannotBatch,
  checkGradient,
  explain,
  gradient,
  gradientBatch,
  hessian,
  ndarray,
  odeProblem,
  rodas5P,
  sum,
  mul,
} from "../../../index.ts";
import { adjointMethods } from "../../../sensitivity/adjoints/index.ts";

const tight = { rtol: 1e-10, atol: 1e-12 } as const;
type U = { x: number; y: number };
type P = { k: number; w: number };

/** x = x0 e^{-k t}, y = y0 + w t. */
const problem = odeProblem({
  rhs: (u: U, p: P) => ({ x: -p.k * u.x, y: p.w }),
  u0: { x: 2, y: 1 },
  p: { k: 0.7, w: 3 },
  tspan: [0, 3],
});

describe.each(Object.keys(adjointMethods))("%s", (adjoint) => {
  const options = { ...tight, adjoint, wrt: ["p", "u0", "t0", "t1"] } as const;

  it("an increment, and one from the start", () => {
    const { value, gradient: by } = gradient(problem, {
      ...options,
      loss: { at: [0, 1, 2], all: (u, p: P) => (u.x[2] - u.x[1]) * u.y[0] * p.w },
    });
    const e = (t: number): number => Math.exp(-0.7 * t);
    expect(value).toBeCloseTo(6 * (e(2) - e(1)), 8);
    expect(by.p!.k).toBeCloseTo(6 * (e(1) - 2 * e(2)), 7);
    expect(by.p!.w).toBeCloseTo(2 * (e(2) - e(1)), 7);
    expect(by.u0!.x).toBeCloseTo(3 * (e(2) - e(1)), 7);
    expect(by.u0!.y).toBeCloseTo(6 * (e(2) - e(1)), 7);
    // A later start: x is larger by k, and y at the start is y0 all the same, but for what follows from a span made longer.
    expect(by.t0!).toBeCloseTo(6 * 0.7 * (e(2) - e(1)) - 6 * 3 * (e(2) - e(1)), 6);
    expect(by.t1!).toBe(0);
  });

  it("is a sum over times where it is one, in any order of those", () => {
    const at = [2, 0.5, 1.7, 0.5];
    const data = [0.4, 1.2, 0.6, 1.3];
    const all = gradient(problem, {
      ...options,
      loss: {
        at,
        all(u, p: P, { data }: { data: number[] }) {
          let total = 0;
          for (let i = 0; i < 4; i++) total += (u.x[i] - data[i]) ** 2 * (1 + i) + p.k * u.y[i];
          return total;
        },
        constants: { data },
      },
    });
    const each = gradient(problem, {
      ...options,
      loss: { at, of: (u: U, p: P, _t, i, { data }) => (u.x - data[i]) ** 2 * (1 + i) + p.k * u.y, constants: { data } },
    });
    expect(all.value).toBeCloseTo(each.value, 9);
    for (const by of ["p", "u0"] as const) all.flat[by]!.forEach((x, j) => expect(x).toBeCloseTo(each.flat[by]![j], 7));
    expect(all.gradient.t0).toBeCloseTo(each.gradient.t0!, 6);
  });
});

it("states that are arrays are ndarrays with the times first, numbers are lists", () => {
  const wave = odeProblem({
    rhs: (u: Float64Array, p: number[]) => Float64Array.from([p[0] * u[1], -p[0] * u[0]]),
    u0: Float64Array.of(1, 0),
    p: [1.3],
    tspan: [0, 2 * Math.PI],
  });
  const at = [0, 1, 2];
  // cos(w t) at t = 1, 2: their product.
  const { value, flat } = gradient(wave, { ...tight, loss: { at, all: (u) => u.get(1, 0) * u.get(2, 0) } });
  expect(value).toBeCloseTo(Math.cos(1.3) * Math.cos(2.6), 8);
  expect(flat.p![0]).toBeCloseTo(-Math.sin(1.3) * Math.cos(2.6) - 2 * Math.cos(1.3) * Math.sin(2.6), 7);
  const whole = gradient(wave, { ...tight, loss: { at, all: (u, _p, c: { sum: typeof sum; mul: typeof mul }) => c.sum(c.mul(u, u)), constants: { sum, mul } } }); // prettier-ignore
  expect(whole.value).toBeCloseTo(3, 8);
  expect(whole.flat.p![0]).toBeCloseTo(0, 7);
  const number = odeProblem({ rhs: (u: number, p: number[]) => -p[0] * u, u0: 2, p: [0.5], tspan: [0, 2] });
  const drop = gradient(number, { ...tight, solver: rodas5P(), loss: { at: [0, 2], all: (u) => u[0] - u[1] } });
  expect(drop.value).toBeCloseTo(2 - 2 * Math.exp(-1), 8);
  expect(drop.flat.p![0]).toBeCloseTo(4 * Math.exp(-1), 7);
});

it("a closed orbit: what is asked of it is its period, and the derivative says how to change the parameters", () => {
  const oscillator = odeProblem({
    rhs: (u: { q: number; v: number }, p: { w: number }) => ({ q: u.v, v: -p.w * p.w * u.q }),
    u0: { q: 1, v: 0 },
    p: { w: 1.1 },
    tspan: [0, 2 * Math.PI],
  });
  const loss = {
    at: [0, 2 * Math.PI],
    all: (u: { q: number[]; v: number[] }) => (u.q[1] - u.q[0]) ** 2 + (u.v[1] - u.v[0]) ** 2,
  };
  let w = 1.1;
  for (let i = 0; i < 60; i++) w -= 0.01 * gradient(oscillator, { ...tight, p: { w }, loss }).gradient.p!.w;
  expect(w).toBeCloseTo(1, 4);
});

it("with events, and events that change parameters: of p at the start", () => {
  const dosed = odeProblem({
    rhs: (u: U, p: P) => ({ x: -p.k * u.x, y: p.w }),
    u0: { x: 2, y: 1 },
    p: { k: 0.7, w: 3 },
    tspan: [0, 3],
    events: { at: [1.5], apply: (u: U, p: P) => void ((u.x += p.w), (p.k *= 2)) },
  });
  // x(1) x(2) k.
  const at = (k: number, w: number): number => k * 2 * Math.exp(-k) * (2 * Math.exp(-1.5 * k) + w) * Math.exp(-k);
  const h = 1e-5;
  for (const adjoint of ["discrete", "dual", "gauss"]) {
    const { value, gradient: by } = gradient(dosed, {
      ...tight,
      adjoint,
      loss: { at: [1, 2], all: (u, p: P) => p.k * u.x[0] * u.x[1] },
    });
    expect(value).toBeCloseTo(at(0.7, 3), 8);
    expect(by.p!.k).toBeCloseTo((at(0.7 + h, 3) - at(0.7 - h, 3)) / (2 * h), 6);
    expect(by.p!.w).toBeCloseTo((at(0.7, 3 + h) - at(0.7, 3 - h)) / (2 * h), 6);
  }
});

it("is checked, explained and compared", () => {
  const loss = { at: [0.5, 1, 2], all: (u: { x: number[]; y: number[] }) => u.x[0] * u.y[1] - u.x[2] ** 2 };
  expect(gradient(problem, { loss, wrt: ["p", "u0"], check: true }).check.passed).toBe(true);
  const report = checkGradient(problem, { loss, wrt: ["p", "u0", "t0"], rtol: 1e-8, atol: 1e-8 });
  expect(report.passed, String(report)).toBe(true);
  expect(String(explain(problem, { loss }))).toContain("discrete");
});

it("what it does not go with is named", async () => {
  const all = (u: { x: number[] }): number => u.x[0];
  const at = [1];
  expect(() => gradient(problem, { loss: { all } as never })).toThrow(/`all` needs `at`/);
  expect(() => gradient(problem, { loss: { at, all, final: (u: U) => u.x } as never })).toThrow(
    /`all` is of all times at once, and stands alone/,
  );
  expect(() => gradient(problem, { loss: { at: [9], all } })).toThrow(BadLoss);
  expect(() => gradient(problem, { loss: { at, all: (u) => Math.log(-u.x[0]) } })).toThrow(/of all times is NaN/);
  expect(() => gradient(problem, { loss: { at, all: (u) => u.x[3] } })).toThrow();
  const rows = ndarray(Float64Array.of(1, 2), [1, 2]);
  await expect(gradientBatch(problem, { u0: rows, loss: { at, all } })).rejects.toThrow(CannotBatch);
});

describe("derivatives by the times of the loss", () => {
  const at = [2, 0.5, 0, 1.5];
  const e = (t: number): number => 2 * Math.exp(-0.7 * t);
  const slope = (t: number): number => -0.7 * e(t);

  it.each(Object.keys(adjointMethods))("by %s: f of the state there, and of the time itself", (adjoint) => {
    const of = (u: U, _p: P, t: number, i: number): number => (1 + i) * u.x ** 2 + t ** 3 * u.y;
    const { gradient: by } = gradient(problem, { ...tight, adjoint, loss: { at, of }, wrt: ["p", "at"] });
    at.forEach((t, i) => {
      const y = 1 + 3 * t;
      expect(by.at![i]).toBeCloseTo((1 + i) * 2 * e(t) * slope(t) + 3 * t ** 2 * y + t ** 3 * 3, 6);
    });
    expect(by.p!.k).toBeDefined();
  });

  it("of all times at once, alone, and through an event and a switch, before which they are", () => {
    const all = (u: { x: number[] }): number => u.x[0] * u.x[1] * u.x[3];
    const { gradient: by } = gradient(problem, { ...tight, loss: { at, all }, wrt: "at" });
    const others = (i: number): number => [0, 1, 3].filter((k) => k !== i).reduce((product, k) => product * e(at[k]), 1);
    [0, 1, 3].forEach((i) => expect(by.at![i]).toBeCloseTo(slope(at[i]) * others(i), 7));
    expect(by.at![2]).toBe(0);
    expect(Object.keys(by)).toEqual(["at"]);
    const stepped = odeProblem({
      rhs: (_u: number[], _p: number[], t: number) => [t >= 1 ? 5 : 2],
      u0: [0],
      tspan: [0, 3],
      events: { at: [2], apply: (u: number[]) => void (u[0] *= 10) },
    });
    const loss = { at: [1, 2, 2.5], of: (u: number[]): number => u[0] };
    const found = gradient(stepped, { ...tight, loss, wrt: ["u0", "at"] }).gradient;
    [2, 5, 5].forEach((x, i) => expect(found.at![i]).toBeCloseTo(x, 8));
  });

  it("a loss without times has none", () => {
    const by = (loss: object): unknown => gradient(problem, { loss, wrt: ["at"] } as never);
    expect(() => by({ final: (u: U) => u.x })).toThrow(/no times `at` to differentiate by/);
    expect(() => by({ steady: (u: U) => u.x })).toThrow(/does not depend on at/);
    expect(() => checkGradient(problem, { loss: { at, of: (u: U) => u.x }, wrt: ["p", "at"] })).toThrow(/not compared/);
    expect(() => hessian(problem, { loss: { at, of: (u: U) => u.x }, wrt: ["at"] as never })).toThrow(/not by at/);
  });
});
