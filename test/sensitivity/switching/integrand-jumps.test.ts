import { describe, expect, test } from "vitest";
import { odeProblem } from "../../../src/problem/problem.ts";
import { checkGradient } from "../../../sensitivity/check-gradient.ts";
import { gradient } from "../../../sensitivity/gradient.ts";
import { radauIIA5, rock4, rodas5P, tsit5, vern7, type Method } from "../../../solvers/index.ts";
import { eachWay } from "../../tables.ts";

const tight = { rtol: 1e-9, atol: 1e-11 };

/** u = x exp(-k t), down through the limit at t = log(x / limit) / k. */
const decay = odeProblem({
  rhs: (u: readonly number[], p: { k: number; limit: number; from: number }) => [-p.k * u[0]],
  u0: [1.5],
  tspan: [0, 3],
  p: { k: 0.7, limit: 0.4, from: 1.25 },
});
const [k, limit, from, x, end] = [0.7, 0.4, 1.25, 1.5, 3];
const crossed = Math.log(x / limit) / k;

describe("an integrand that jumps", () => {
  test.each(eachWay)("time above a limit, which nothing but the crossing tells of, by %s and %s", (adjoint, _, solver) => {
    const loss = { integral: (u: readonly number[], p: { limit: number }) => (u[0] > p.limit ? 1 : 0) };
    const result = gradient(decay, { loss, adjoint, solver, wrt: ["p", "u0", "t0"], check: true, ...tight });
    expect(result.value).toBeCloseTo(crossed, 7);
    const { p, u0, t0 } = result.gradient;
    expect([p!.k, p!.limit, p!.from, u0![0]]).toEqual(
      [-crossed / k, -1 / (k * limit), 0, 1 / (k * x)].map((right) => expect.closeTo(right, 6)),
    );
    // It begins later, and so it crosses.
    expect(t0).toBeCloseTo(0, 6);
    expect(result.switches).toMatchObject([{ on: "state", text: "u[0] > p.limit", differentiated: true, line: 1 }]);
    expect(result.switches[0].times).toEqual([expect.closeTo(crossed, 6)]);
    expect(result.switches[0].by).toEqual(["p.k", "p.limit", "u0[0]"]);
    expect(result.warnings.filter((warning) => warning.includes("` switches "))).toEqual([]);
    expect(result.structuralZeros).toEqual(["p.from"]);
  });

  test.each(eachWay)("another slope above a limit, by %s and %s", (adjoint, _, solver) => {
    const loss = { integral: (u: readonly number[], p: { limit: number }) => (u[0] > p.limit ? 2 * u[0] : u[0]) };
    const { gradient: g } = gradient(decay, { loss, adjoint, solver, ...tight });
    const last = x * Math.exp(-k * end);
    // The integral is (2 (x - limit) + limit - last) / k.
    expect(g.p!.limit).toBeCloseTo(-1 / k, 6);
    expect(g.p!.k).toBeCloseTo(-(2 * x - limit - last) / k ** 2 + (end * last) / k, 6);
  });

  test.each(eachWay)("from a time on that a parameter gives, by %s and %s", (adjoint, _, solver) => {
    const loss = { integral: (u: readonly number[], p: { from: number }, t: number) => (t > p.from ? u[0] : 0) };
    const { gradient: g } = gradient(decay, { loss, adjoint, solver, ...tight });
    expect(g.p!.from).toBeCloseTo(-x * Math.exp(-k * from), 6);
  });

  /** x = sin(w t + s), six times up and down. */
  const swing = odeProblem({
    rhs: (u: readonly number[], p: { w: number; level: number }) => [p.w * u[1], -p.w * u[0]],
    u0: [Math.sin(0.3), Math.cos(0.3)],
    tspan: [0, 6],
    p: { w: 6.1, level: 0.35 },
  });
  type State = readonly number[];
  type Parameters = { w: number; level: number };

  test.each([
    ["floor", (u: State) => Math.floor(2.6 * u[0]) * u[1]],
    ["round, and a remainder", (u: State, p: Parameters) => Math.round(2 * u[0] + p.level) + ((2.6 * u[1]) % 1)],
    ["sign", (u: State, p: Parameters) => Math.sign(u[0] - p.level) * u[1] ** 2],
    ["an angle", (u: State) => Math.atan2(u[1], u[0])],
    ["integers", (u: State) => ((u[0] + 2.1) * 1.7) | 0],
    ["and, or", (u: State, p: Parameters) => ((u[0] > p.level && u[1] > 0.2) || u[0] < -p.level ? 1 : 0)],
    ["state and time", (u: State, p: Parameters, t: number) => (u[0] > p.level * Math.cos(t) ? 1 : u[1])],
    ["a time, then a state", (u: State, p: Parameters, t: number) => (t > p.level * 5 && u[0] > p.level ? 1 : 0)],
    ["the same twice", (u: State, p: Parameters) => (u[0] > p.level ? 1 : 0) * u[1] + (u[0] > p.level ? 3 : 0)],
    [
      "the end of a loop",
      (u: State, p: Parameters) => {
        let i = 0;
        while (i < 2 && u[i] > p.level) i++;
        return i;
      },
    ],
    [
      "elements of a loop",
      (u: State, p: Parameters) => {
        let s = 0;
        for (let i = 0; i < 2; i++) {
          if (u[i] < p.level) continue;
          s += 1 + u[i];
        }
        return s;
      },
    ],
  ])("%s: as differences of the loss", (_, integral) => {
    const { passed, rows } = checkGradient(swing, { loss: { integral }, wrt: ["p", "u0"], rtol: 1e-8, atol: 1e-10 });
    const others = rows.map(({ gradient: value, differences }) => Math.abs(value - differences.slope) / (1 + Math.abs(value)));
    expect({ passed, others: Math.max(...others) < 1e-3 }).toEqual({ passed: true, others: true });
  });

  const ways = [
    ["gauss", tsit5()],
    ["gauss", rock4()],
    ["gauss", radauIIA5()],
    ["discrete", tsit5()],
    ["discrete", rodas5P()],
    ["backsolve", tsit5()],
    ["dual", rock4()],
    ["forwardSensitivity", vern7()],
  ].map(([adjoint, solver]) => [adjoint, (solver as Method).name, solver] as [string, string, Method]);

  test.each(ways)("a short time above a limit, by %s and %s", (adjoint, _, solver) => {
    const slow = { p: { w: 1, level: 0.999 }, adjoint, solver, rtol: 1e-8, atol: 1e-8 };
    const { value, gradient: g } = gradient(swing, { loss: { integral: (u, p) => (u[0] > p.level ? 1 : 0) }, ...slow });
    const time = 2 * Math.acos(0.999);
    expect(value).toBeCloseTo(time, 6);
    expect(g.p!.w).toBeCloseTo(-time, 6);
    expect(g.p!.level / (-2 / Math.sqrt(1 - 0.999 ** 2))).toBeCloseTo(1, 5);
  });

  test.each(ways)("two limits that are close to each other, by %s and %s", (adjoint, _, solver) => {
    const [apart, high] = [1e-5, 1e5];
    const { value, gradient: g } = gradient(swing, {
      loss: {
        integral: (u, p, _t, c) => (u[0] > p.level ? 1 : 0) * (u[0] < p.level + c.apart ? c.high : 0),
        constants: { apart, high },
      },
      adjoint,
      solver,
      rtol: 1e-8,
      atol: 1e-8,
    });
    // Between them six times on the way up and six times on the way down.
    const { w, level } = swing.p;
    const right = (12 * high * (Math.asin(level + apart) - Math.asin(level))) / w;
    const slope = (x: number): number => (12 * high) / w / Math.sqrt(1 - x ** 2);
    expect(value).toBeCloseTo(right, 5);
    expect(g.p!.w).toBeCloseTo(-right / w, 5);
    // A difference of two that are 1e5 times as large.
    expect(Math.abs(g.p!.level - (slope(level + apart) - slope(level)))).toBeLessThan(1e-7 * slope(level));
  });

  test("kinks are no jumps", () => {
    const loss = { integral: (u: State, p: Parameters) => (u[0] > p.level ? u[0] - p.level : 0) };
    expect(gradient(swing, { loss })).toMatchObject({ switches: [], warnings: [] });
  });

  test("where events lift the state over the limit, nothing moves", () => {
    const dosed = odeProblem({
      rhs: (u: readonly number[], p: { k: number; dose: number; limit: number }) => [-p.k * u[0]],
      u0: [0],
      tspan: [0, 4],
      p: { k: 0.7, dose: 1, limit: 0.6 },
      events: {
        at: [1, 2],
        apply(u: number[], p: { dose: number }) {
          u[0] += p.dose;
        },
      },
    });
    const result = gradient(dosed, { loss: { integral: (u, p) => (u[0] > p.limit ? 1 : 0) }, ...tight });
    // Down through the limit log(dose / limit) / k after the first dose, and log(dose (1 + exp(-k)) / limit) / k after the second.
    const second = 1 + Math.exp(-0.7);
    const above = (Math.log(1 / 0.6) + Math.log(second / 0.6)) / 0.7;
    expect(result.value).toBeCloseTo(above, 6);
    expect(result.gradient.p!.limit).toBeCloseTo(-2 / (0.7 * 0.6), 6);
    expect(result.gradient.p!.dose).toBeCloseTo(2 / 0.7, 6);
    expect(result.gradient.p!.k).toBeCloseTo(-above / 0.7 - Math.exp(-0.7) / (0.7 * second), 5);
    expect(result.switches[0].times).toHaveLength(2);
  });

  test("what has a derivative to either side only is named", () => {
    const twins = odeProblem({
      rhs: (u: readonly number[], p: { k: number }) => [-p.k * u[0], -p.k * u[1]],
      u0: [1, 1],
      tspan: [0, 3],
      p: { k: 0.7 },
    });
    const together = gradient(twins, { loss: { integral: (u) => (u[0] > 0.5 ? 1 : 0) + (u[1] > 0.5 ? 1 : 0) } });
    expect(together.warnings).toHaveLength(2);
    expect(together.warnings[0]).toMatch(
      /line 1: `u\[0\] > 0?\.5` switches at t = 0\.99\d*, where the integrand of the loss jumps/,
    );
    const atStart = gradient(twins, { loss: { integral: (u) => (u[0] < 1 ? 1 : 0) }, wrt: "u0" });
    expect(atStart.warnings[0]).toMatch(/`u\[0\] < 1` switches at t = /);
    expect(gradient(twins, { loss: { integral: (u) => (u[0] < 1 ? 1 : 0) } }).warnings).toEqual([]);
  });

  test("an integrand that runs by itself says that it is not seen", () => {
    const integral = (u: readonly number[], p: { limit: number }): number =>
      (new Map([["u", u[0]]]).get("u") ?? 0) > p.limit ? 1 : 0;
    expect(gradient(decay, { loss: { integral } }).warnings.join(" ")).toMatch(/the integrand of the loss, jumps there/);
  });

  test("times that parameters move, too many to be known, are named", () => {
    const lit = (tspan: [number, number]) =>
      odeProblem({
        rhs: (u: readonly number[], p: { k: number; w: number }, t: number) => [Math.max(0, Math.sin(p.w * t)) - p.k * u[0]],
        u0: [1],
        tspan,
        p: { k: 0.1, w: 10 },
      });
    const loss = { integral: (u: readonly number[], p: { w: number }, t: number) => (Math.sin(p.w * t) > 0.2 ? u[0] : 0) };
    const { warnings } = gradient(lit([0, 200]), { loss });
    expect(warnings).toHaveLength(1);
    expect(warnings[0]).toMatch(/line 1: `Math\.sin\(p\.w \* t\) > 0?\.2` switches too often for its times to be known/);
    expect(gradient(lit([0, 6]), { loss }).warnings).toEqual([]);
    expect(gradient(lit([0, 200]), { loss, wrt: "u0" }).warnings).toEqual([]);
  });
});
