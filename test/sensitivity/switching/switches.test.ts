import { describe, expect, test } from "vitest";
import { odeProblem } from "../../../src/problem/problem.ts";
import { adjointMethods } from "../../../sensitivity/adjoints/index.ts";
import { gradient } from "../../../sensitivity/gradient.ts";
import { solveWithPullback } from "../../../sensitivity/pullback.ts";
import { sensitivities } from "../../../sensitivity/sensitivities.ts";
import { eachWay } from "../../tables.ts";

const tight = { rtol: 1e-9, atol: 1e-9 };

describe("switching times that move with parameters", () => {
  test.each(eachWay)("a rocket's burn time, by %s and %s", (adjoint, _, solver) => {
    const rocket = odeProblem({
      rhs(du, u, p, t) {
        du.h = u.v;
        du.v = (t < p.burn ? p.thrust : 0) - 9.81;
      },
      u0: { h: 0, v: 0 },
      tspan: [0, 5],
      p: { burn: 1, thrust: 120 },
    });
    // h(5) = thrust (burn (5 - burn) + burn² / 2) - 9.81 · 25 / 2.
    const { gradient: g } = gradient(rocket, { loss: { final: (u) => u.h }, adjoint, solver, ...tight });
    expect(g.p!.burn).toBeCloseTo(480, 5);
    expect(g.p!.thrust).toBeCloseTo(4.5, 7);
  });

  test.each(eachWay)("periodic doses into a decay, with an integral in the loss, by %s and %s", (adjoint, _, solver) => {
    const dosed = odeProblem({
      rhs: (u: { x: number }, p: { period: number; width: number; k: number }, t: number) => ({
        x: ((t - 0.5) % p.period < p.width && t > 0.5 ? 2 : 0) - p.k * u.x,
      }),
      u0: { x: 1 },
      tspan: [0, 4],
      p: { period: 1.25, width: 0.25, k: 0.3 },
    });
    /** By the closed form of each dose: on from a to b, x(4) and the integral of x over [0, 4] and of t > a + width weights. */
    const value = ([period, width, k]: readonly number[]): number => {
      const starts = [0.5, 0.5 + period, 0.5 + 2 * period];
      let x = Math.exp(-4 * k);
      let area = (1 - Math.exp(-4 * k)) / k;
      for (const a of starts) {
        const b = a + width;
        const end = (2 / k) * (Math.exp(-k * (4 - b)) - Math.exp(-k * (4 - a)));
        x += end;
        area += (2 * width - end) / k;
      }
      return x * x + area + 3 * (4 - 2 * width - 1);
    };
    const at = [1.25, 0.25, 0.3];
    const right = at.map((_x, j) => {
      const moved = (h: number): number => value(at.map((y, i) => (i === j ? y + h : y)));
      return (8 * (moved(1e-3) - moved(-1e-3)) - (moved(2e-3) - moved(-2e-3))) / 12e-3;
    });
    const result = gradient(dosed, {
      loss: { final: (u) => u.x ** 2, integral: (u, p, t) => u.x + (t > 2 * p.width + 1 ? 3 : 0) },
      adjoint,
      solver,
      ...tight,
    });
    expect(result.value).toBeCloseTo(value(at), 6);
    right.forEach((x, j) => expect(result.flat.p![j]).toBeCloseTo(x, 5));
  });

  test.each(eachWay)("backward in time, by %s and %s", (adjoint, _, solver) => {
    const problem = odeProblem({
      rhs: (_u: readonly number[], p: readonly number[], t: number) => [t <= p[0] ? 1 : 3],
      u0: [0],
      tspan: [5, 0],
      p: [2],
    });
    // x(0) = -3 (5 - s) - s.
    expect(gradient(problem, { loss: { final: (u) => u[0] }, adjoint, solver, ...tight }).flat.p![0]).toBeCloseTo(2, 7);
  });
});

describe("what acts through comparisons", () => {
  const tank = odeProblem({
    rhs(du, u, p) {
      du.h = p.inflow - (u.h > p.weir ? p.spill : 0) - p.k * u.h;
      du.other = -u.other;
    },
    u0: { h: 0, other: 1 },
    tspan: [0, 5],
    p: { inflow: 1, weir: 1.2, spill: 0.3, k: 0.2, unused: 1 },
  });
  const loss = { final: (u: { h: number }) => u.h };
  /** When h reaches the weir: (inflow / k) (1 - exp(-k t)) = weir. */
  const crossed = -Math.log(1 - (1.2 * 0.2) / 1) / 0.2;

  test.each(Object.keys(adjointMethods))("%s: a threshold on the state is named, with its time and what moves it", (adjoint) => {
    const { switches, warnings, structuralZeros, plan } = gradient(tank, { loss, wrt: ["p", "u0"], adjoint });
    expect(structuralZeros).toEqual(["p.unused", "u0.other"]);
    expect(switches).toHaveLength(1);
    expect(switches[0]).toMatchObject({ on: "state", text: "u.h > p.weir", differentiated: true, line: 2 });
    expect(switches[0].times).toHaveLength(1);
    expect(Math.abs(switches[0].times[0] - crossed)).toBeLessThan(1e-3);
    expect(switches[0].by).toEqual(["p.inflow", "p.weir", "p.spill", "p.k", "u0.h"]);
    expect(warnings.filter((warning) => warning.includes("` switches "))).toEqual([]);
    expect(String(plan)).toMatch(/stops at t = 1\.37\d*: line 2, `u\.h > p\.weir`/);
  });

  test("pullbacks and sensitivities say so too", () => {
    const { plan, solution } = solveWithPullback(tank, { saveat: [5] });
    expect(plan.switches[0]).toMatchObject({ on: "state", text: "u.h > p.weir", differentiated: true });
    expect([plan.warnings, solution.warnings]).toEqual([[], []]);
    const { switches, warnings } = sensitivities(tank, { saveat: [5] });
    expect([switches.length, warnings.length]).toEqual([1, 0]);
  });

  test("sides that agree, and thresholds that are not crossed, are no switches", () => {
    const kink = odeProblem({
      rhs: (u: readonly number[], p: readonly number[]) => [u[0] > 0.5 ? -p[0] * (u[0] - 0.5) - 1 : -1],
      u0: [1],
      tspan: [0, 2],
      p: [1],
    });
    expect(gradient(kink, { loss: { final: (u) => u[0] } })).toMatchObject({ switches: [], warnings: [] });
    const never = gradient(tank, { loss, p: { inflow: 0.1, weir: 1.2, spill: 0.3, k: 0.2, unused: 1 } });
    expect(never).toMatchObject({ switches: [], warnings: [] });
    expect(never.structuralZeros).toEqual(["p.unused"]);
  });

  test("whole numbers and indices count, in the right-hand side and in the loss", () => {
    const table = [1, 5, 2, 8, 3];
    const problem = odeProblem({
      rhs: (u: readonly number[], p: { shift: number; cut: number }, _t: number, { table }: { table: number[] }) => [
        table[Math.floor(u[0] + p.shift)],
      ],
      u0: [0.25],
      tspan: [0, 1],
      p: { shift: 0, cut: 1 },
      constants: { table },
    });
    const result = gradient(problem, { loss: { final: (u, p) => (u[0] > p.cut ? u[0] : 2 * u[0]) }, wrt: ["p", "u0"] });
    expect(result.structuralZeros).toEqual([]);
    expect(result.switches[0]).toMatchObject({ on: "state", text: "Math.floor(u[0] + p.shift)", by: ["p.shift", "u0[0]"] });
    expect(result.switches[0].times[0]).toBeCloseTo(0.75, 4);
  });

  test("what acts through a loop's bound, or a choice of the state, is not zero by structure", () => {
    const problem = odeProblem({
      rhs(du: number[], u: readonly number[], p: { count: number; level: number; unused: number }) {
        let s = 0;
        for (let i = 0; i < p.count; i++) s += 0.1;
        const scratch = [0];
        if (u[1] > p.level) scratch[0] = 1;
        du[0] = s + scratch[0];
        du[1] = 0;
      },
      u0: [0, 1],
      tspan: [0, 1],
      p: { count: 3, level: 2, unused: 1 },
    });
    const result = gradient(problem, { loss: { final: (u) => u[0] }, wrt: ["p", "u0"] });
    expect(result.structuralZeros).toEqual(["p.unused"]);
    expect(result.flat.p).toEqual(new Float64Array(3));
  });

  test("times that move are listed with what moves them; those that move apart from each other warn", () => {
    const problem = odeProblem({
      rhs: (_u: readonly number[], p: { on: number; off: number }, t: number) => [(t >= p.on ? 1 : 0) - (t >= p.off ? 3 : 0)],
      u0: [0],
      tspan: [0, 5],
      p: { on: 1, off: 2 },
    });
    const apart = gradient(problem, { loss: { final: (u) => u[0] } });
    expect(apart.flat.p).toEqual(Float64Array.of(-1, 3));
    expect(apart.warnings).toEqual([]);
    expect(apart.switches.map(({ by, times, text }) => [by, times, text])).toEqual([
      [["p.on"], [1], "t >= p.on"],
      [["p.off"], [2], "t >= p.off"],
    ]);
    expect(String(apart.plan)).toContain("stops at t = 2: line 1, `t >= p.off`");
    const window = odeProblem({
      rhs: (_u: readonly number[], p: { on: number; off: number }, t: number) => [t >= p.on && t < p.off ? 1 : 0],
      u0: [0],
      tspan: [0, 5],
      p: { on: 2, off: 2 },
    });
    const together = gradient(window, { loss: { final: (u) => u[0] } });
    expect(together.warnings.join()).toMatch(/moves otherwise/);
  });

  test.each(eachWay)("terms of a sum that switch at once each move by themselves, by %s and %s", (adjoint, _, solver) => {
    const problem = odeProblem({
      rhs(du, u, p, t) {
        du.x = (t >= p.on ? 1 : 0) - (t >= p.off ? 3 : 0) + (t > 2 ? 0.5 : 0) - p.k * u.x;
      },
      u0: { x: 1 },
      tspan: [0, 3],
      p: { on: 2, off: 2, k: 0.5 },
    });
    const loss = {
      final: (u: { x: number }) => u.x,
      integral: (_u: { x: number }, p: { on: number }, t: number) => (t < p.on ? 2 : 0),
    };
    const { flat, warnings } = gradient(problem, { loss, adjoint, solver, ...tight });
    expect([...flat.p!].slice(0, 2)).toEqual([2 - Math.exp(-0.5), 3 * Math.exp(-0.5)].map((right) => expect.closeTo(right, 6)));
    expect(warnings.filter((warning) => warning.includes("` switches "))).toEqual([]);
  });
});

test("a condition that changes slowly is on its two sides before and after it switches", () => {
  const problem = odeProblem({
    rhs(du, u, p, t) {
      du.x = (Math.cos((2 * Math.PI * (t - p.phase)) / 24) > 0.999 ? p.light : 0) - p.k * u.x;
    },
    u0: { x: 1 },
    tspan: [0, 20],
    p: { k: 0.3, light: 2, phase: 3 },
  });
  const half = (Math.acos(0.999) * 24) / (2 * Math.PI);
  const right = 2 * (Math.exp(-0.3 * (17 - half)) - Math.exp(-0.3 * (17 + half)));
  for (const adjoint of ["discrete", "dual", "gauss"]) {
    const { p } = gradient(problem, { loss: { final: (u) => u.x }, adjoint }).gradient;
    expect(Math.abs(p!.phase / right - 1), adjoint).toBeLessThan(1e-3);
  }
});
