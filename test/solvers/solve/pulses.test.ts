/** Smooth inputs that act once, for much less than a fiftieth of the span. */
import { describe, expect, it } from "vitest";
import { fbdf, gradient, odeProblem, radauIIA5, rodas5P, solve, trbdf2, tsit5, vern7 } from "../../../index.ts";

/** What a pulse at c of width w integrates to, over the whole line, and the pulse; helpers of right-hand sides. */
const pulses: Readonly<Record<string, readonly [of: (t: number, c: number, w: number) => number, area: (w: number) => number]>> =
  {
    "a bell curve": [(t, c, w) => Math.exp(-(((t - c) / w) ** 2)), (w) => w * Math.sqrt(Math.PI)],
    "a bell curve by its rate": [(t, c, w) => Math.exp(-(1 / w ** 2) * (t - c) * (t - c)), (w) => w * Math.sqrt(Math.PI)],
    "a pair of steps": [(t, c, w) => (Math.tanh((t - c) / w) - Math.tanh((t - c) / w - 8)) / 2, (w) => 8 * w],
    "a logistic pair": [(t, c, w) => 1 / (1 + Math.exp((c - t) / w)) - 1 / (1 + Math.exp((c - t) / w + 9)), (w) => 9 * w],
    "one over a cosh": [(t, c, w) => 1 / Math.cosh((t - c) / w) ** 2, (w) => 2 * w],
    "a power of a fraction": [(t, c, w) => (1 + ((t - c) / w) ** 2) ** -3, (w) => (3 * Math.PI * w) / 8],
    "a sum of a loop": [
      (t, c, w) => {
        let sum = 0;
        for (let k = 0; k < 3; k++) sum += Math.exp(-(((t - c - 13.7 * k) / w) ** 2));
        return sum;
      },
      (w) => 3 * w * Math.sqrt(Math.PI),
    ],
  };

const fed = (of: (t: number, c: number, w: number) => number) =>
  odeProblem({
    rhs: (u: { x: number; y: number }, p: { A: number; c: number; w: number }, t: number, constants: { of: typeof of }) => ({
      x: p.A * constants.of(t, p.c, p.w),
      y: -0.1 * u.y,
    }),
    u0: { x: 0, y: 1 },
    p: { A: 3, c: 37.3, w: 0.05 },
    tspan: [0, 100],
    constants: { of },
  });

describe.each(Object.entries(pulses))("%s", (_, [of, area]) => {
  const problem = fed(of);
  it.each([1e-4, 1e-6, 1e-8])("is seen wherever it is, at rtol = %d", (rtol) => {
    for (let c = 27.3; c < 60; c += 6.17) {
      for (const w of [0.2, 0.05, 0.01]) {
        const { u } = solve(problem, { rtol, saveat: [100], p: { A: 3, c, w } });
        expect(Math.abs(u[0].x / (3 * area(w)) - 1), `c = ${c}, w = ${w}`).toBeLessThan((10 * rtol) / w);
      }
    }
  });
});

const bell = pulses["a bell curve"][0];

describe("a bell curve", () => {
  const tspan = [0, 100] as const;

  it.each([tsit5(), vern7(), rodas5P(), trbdf2(), fbdf(), radauIIA5()])("by $name", (solver) => {
    for (let c = 7.3; c < 95; c += 6.17) {
      const { u } = solve(fed(bell), { solver, rtol: 1e-6, saveat: [100], p: { A: 3, c, w: 0.05 } });
      expect(Math.abs(u[0].x / (0.15 * Math.sqrt(Math.PI)) - 1), `c = ${c}`).toBeLessThan(2e-4);
    }
  });

  it("backwards in time", () => {
    const { u } = solve(fed(bell), { tspan: [100, 0], saveat: [0] });
    expect(u[0].x).toBeCloseTo(-0.15 * Math.sqrt(Math.PI), 5);
  });

  it("far narrower than any sample is apart", () => {
    for (let c = 7.3; c < 95; c += 6.17) {
      const { u } = solve(fed(bell), { saveat: [100], p: { A: 3, c, w: 100 / 36_000 } });
      expect(u[0].x).toBeCloseTo((300 / 36_000) * Math.sqrt(Math.PI), 5);
    }
  });

  it("beside others a million times larger", () => {
    const both = odeProblem({
      rhs: (_u: number[], _p, t: number) => [1e6 * Math.exp(-(((t - 80) / 9) ** 2)), Math.exp(-(((t - 40) / 0.03) ** 2))],
      u0: [0, 0],
      tspan,
    });
    expect(solve(both, { saveat: [100] }).u[0][1]).toBeCloseTo(0.03 * Math.sqrt(Math.PI), 6);
  });

  it("in one of the branches that the state chooses", () => {
    const chosen = odeProblem({
      rhs(du: number[], u: number[], _p, t: number) {
        if (u[1] > 0.5) du[0] = Math.exp(-(((t - 40) / 0.03) ** 2));
        else du[0] = 0;
        du[1] = 0.05 * (1 - u[1]);
      },
      u0: [0, 0],
      tspan,
    });
    expect(solve(chosen, { saveat: [100] }).u[0][0]).toBeCloseTo(0.03 * Math.sqrt(Math.PI), 6);
  });

  it("by which the state decays, also with a longest step of the user's", () => {
    const decaying = odeProblem({
      rhs: (u: number[], p: number[], t: number) => [-p[0] * u[0] * Math.exp(-(((t - 61.8) / 0.02) ** 2))],
      u0: [1],
      p: [40],
      tspan,
    });
    for (const maxStep of [undefined, 10]) {
      expect(solve(decaying, { maxStep, saveat: [100] }).u[0][0]).toBeCloseTo(Math.exp(-0.8 * Math.sqrt(Math.PI)), 5);
    }
  });

  it("that meets the condition of an event", () => {
    const met = odeProblem({
      rhs: (u: number[]) => [-0.01 * u[0], 0],
      u0: [1, 0],
      tspan,
      events: [{ when: (_u, _p, t) => Math.exp(-(((t - 37.3) / 0.05) ** 2)) - 0.5, apply: (u: number[]) => void (u[1] += 1) }],
    });
    expect(solve(met, { saveat: [100] }).u[0][1]).toBe(2);
  });

  it("costs some steps where it is, and none where there is none", () => {
    const stepsOf = (w: number): number => solve(fed(bell), { saveat: [100], p: { A: 3, c: 37.3, w } }).stats.steps;
    expect(stepsOf(0.01)).toBeLessThan(stepsOf(20) + 30);
  });
});

describe("derivatives of what a bell curve does", () => {
  const dosed = odeProblem({
    rhs: (u: { x: number }, p: { A: number; c: number; w: number; k: number }, t: number) => ({
      x: p.A * Math.exp(-(((t - p.c) / p.w) ** 2)) - p.k * u.x,
    }),
    u0: { x: 0 },
    p: { A: 3, c: 37.3, w: 0.05, k: 0.03 },
    tspan: [0, 100],
  });
  /** x(100), where it began long before, and what it is by A. */
  const byA = ({ c, w, k }: { c: number; w: number; k: number }): number =>
    w * Math.sqrt(Math.PI) * Math.exp(-k * (100 - c) + (k * w) ** 2 / 4);
  const adjoints = ["discrete", "gauss", "quadrature", "interpolating", "backsolve", "dual", "forwardSensitivity"] as const;

  it.each(adjoints)("%s", (adjoint) => {
    for (const A of [3, 0]) {
      for (const c of [37.3, 61.8]) {
        const p = { A, c, w: 0.05, k: 0.03 };
        const { value, gradient: by } = gradient(dosed, { p, loss: { final: (u) => u.x }, adjoint, rtol: 1e-8 });
        const known = byA(p);
        expect(value).toBeCloseTo(A * known, 6);
        expect(by.p.A / known).toBeCloseTo(1, 4);
        expect(by.p.c / known).toBeCloseTo(A * p.k, 4);
        expect(by.p.w / known).toBeCloseTo(A * (1 / p.w + (p.k ** 2 * p.w) / 2), 3);
      }
    }
  });

  const watched = odeProblem({
    rhs: (u: { x: number }, p: { k: number }) => ({ x: -p.k * u.x }),
    u0: { x: 2 },
    p: { k: 0.03 },
    tspan: [0, 100],
  });
  it.each(adjoints)("of an integral that it weighs: %s", (adjoint) => {
    const { value, gradient: by } = gradient(watched, {
      loss: { integral: (u, _p, t) => u.x * Math.exp(-(((t - 61.8) / 0.02) ** 2)) },
      wrt: ["p", "u0"],
      adjoint,
      rtol: 1e-8,
    });
    const known = 0.04 * Math.sqrt(Math.PI) * Math.exp(-0.03 * 61.8 + (0.03 * 0.02) ** 2 / 4);
    expect(value / known).toBeCloseTo(1, 5);
    expect(by.u0.x / (known / 2)).toBeCloseTo(1, 4);
    expect(by.p.k / known).toBeCloseTo(-61.8, 2);
  });
});
