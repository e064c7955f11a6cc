/** Backward differentiation formulas: their orders, stiff problems with published answers, and what they do at stops. */
import { describe, expect, it } from "vitest";
import { fbdf, gradient, odeProblem, rodas5P, solve, TooManySteps, type OdeProblem, type Solution } from "../../../index.ts";
import { brusselator, e5, heat, hires, orego, pollution, robertson, vanDerPol } from "../../../problems/index.ts";
import { pack } from "../../../src/arrays/pack.ts";
import type { BdfMethod } from "../../../solvers/families/bdf/tableau.ts";
import { leadingCoefficients } from "../../../solvers/families/bdf/tableau.ts";
import { integrate, prepare } from "../../../solvers/step-loop/integrate.ts";
import { kaps, kapsAt } from "../systems.ts";

const orders = [1, 2, 3, 4, 5] as const;

/** Steps of no higher order. */
function upTo(largestOrder: (typeof orders)[number]): BdfMethod {
  const method = fbdf();
  return { ...method, order: largestOrder, tableau: { ...method.tableau, largestOrder, errorOrder: largestOrder + 1 } };
}

/** The slope of the least squares line. */
function slope(x: readonly number[], y: readonly number[]): number {
  const mean = (values: readonly number[]): number => values.reduce((sum, v) => sum + v, 0) / values.length;
  const [mx, my] = [mean(x), mean(y)];
  return mean(x.map((v, i) => (v - mx) * (y[i] - my))) / mean(x.map((v) => (v - mx) ** 2));
}

describe("orders", () => {
  // E. Hairer, S. P. Nørsett, G. Wanner, Solving Ordinary Differential Equations I, 2nd ed. (1993), III.1, (1.22'): Σ αⱼ u₁₋ⱼ = h f.
  const published = [
    [1, -1],
    [3 / 2, -2, 1 / 2],
    [11 / 6, -3, 3 / 2, -1 / 3],
    [25 / 12, -4, 3, -4 / 3, 1 / 4],
    [137 / 60, -5, 5, -10 / 3, 5 / 4, -1 / 5],
  ];

  it.each(orders)("%i: over steps of one length the formula is the published one, which leaves out the oldest state", (k) => {
    const leading = leadingCoefficients[k];
    // Of Lagrange's polynomials on 0, −1, …, −k at 1: values and slopes.
    const weights = Array.from({ length: k + 1 }, (_, i) => {
      const others = Array.from({ length: k + 1 }, (_, j) => j).filter((j) => j !== i);
      const value = others.reduce((product, j) => (product * (1 + j)) / (j - i), 1);
      return value * others.reduce((sum, j) => sum + 1 / (1 + j), 0) - leading * value;
    });
    [...published[k - 1], 0].forEach((expected, j) => expect([leading, ...weights][j]).toBeCloseTo(expected, 12));
  });

  it.each(orders)("%i: errors shrink with that power of the steps' length, at their ends and between them", (k) => {
    const prepared = prepare(kaps, upTo(k), { target: "javascript" });
    const solves = (k < 3 ? [5, 5.5, 6, 6.5] : [8, 9, 10, 11]).map((exponent) => {
      const tolerance = 10 ** -exponent;
      const { final, dense, statistics } = integrate(prepared, {
        u0: Float64Array.from(kapsAt(0)),
        p: Float64Array.of(1),
        t0: 0,
        t1: 4,
        rtol: tolerance,
        atol: tolerance,
        dense: true,
      });
      const out = new Float64Array(2);
      const distance = (u: Float64Array, t: number): number => Math.max(...kapsAt(t).map((x, i) => Math.abs(u[i] - x)));
      const between = Array.from({ length: 401 }, (_, i) => (dense!.interpolate(i / 100, out), distance(out, i / 100)));
      return { steps: statistics.steps, end: distance(final, 4), between: Math.max(...between) };
    });
    const log = (values: readonly number[]): number[] => values.map(Math.log);
    for (const which of ["end", "between"] as const) {
      const found = -slope(log(solves.map(({ steps }) => steps)), log(solves.map((one) => one[which])));
      expect(found).toBeGreaterThan(k - 0.4);
      expect(found).toBeLessThan(k + 1.6);
    }
  });

  it("the dense output meets the states at the ends of the steps", () => {
    const { problem } = hires();
    const solution = solve(problem, { solver: fbdf(), rtol: 1e-7, atol: 1e-9 });
    solution.t.forEach((t, i) =>
      pack(problem.layout.u, solution.at(t), "u").forEach((x, j) =>
        expect(Math.abs(x - solution.states[i][j])).toBeLessThan(1e-14),
      ),
    );
  });
});

function errorAtEnd(problem: OdeProblem, solution: Solution<never>, end: unknown): number {
  const exact = pack(problem.layout.u, end as never, "end");
  const found = solution.states.at(-1)!;
  return Math.max(...exact.map((x, i) => Math.abs(found[i] - x) / Math.abs(x)));
}

describe("stiff problems with published answers", () => {
  it.each([
    ["Robertson to 40", robertson({ tEnd: 40 }), 1e-11, 1e-18],
    ["Robertson to 1e11", robertson({ tEnd: 1e11 }), 1e-9, 1e-20],
    ["HIRES", hires(), 1e-11, 1e-15],
    ["OREGO", orego(), 1e-11, 1e-11],
    ["van der Pol, 1e-6", vanDerPol(), 1e-11, 1e-13],
    // Tighter tolerances come no nearer: rounding makes a conserved difference of numbers that nearly cancel.
    ["E5 to 1e10", e5(), 1e-9, 1e-32],
    ["POLLU", pollution(), 1e-11, 1e-20],
  ])("%s", (_, { problem, reference }, rtol, atol) => {
    const solution = solve(problem as OdeProblem, { solver: fbdf(), rtol, atol, saveat: [problem.tspan[1]] });
    expect(errorAtEnd(problem as OdeProblem, solution as never, reference!.end)).toBeLessThan(1e-7);
    const { stats } = solution;
    expect(stats.jacobians).toBeLessThan(stats.steps / 5);
    expect(stats.factorizations).toBeLessThan(stats.steps / 3);
    expect(stats.newtonIterations).toBeLessThan(4 * (stats.steps + stats.rejected));
    expect(stats.linearSolves).toBe(stats.newtonIterations);
  });

  it.each([
    ["heat, 1000 cells", heat({ n: 1000 }).problem],
    ["Brusselator, 16 by 16", brusselator({ n: 16 }).problem],
  ])("sparse systems: %s", (_, problem) => {
    const [found, expected] = [fbdf(), rodas5P()].map((solver) =>
      solve(problem as OdeProblem, { solver, rtol: 1e-9, atol: 1e-9, saveat: [problem.tspan[1]] }),
    );
    const [u, v] = [found, expected].map(({ states }) => states.at(-1)!);
    expect(Math.max(...u.map((x, i) => Math.abs(x - v[i])))).toBeLessThan(1e-6);
    expect(found.stats.factorizations).toBeLessThan(found.stats.steps / 2);
  });
});

describe("the past", () => {
  const options = { solver: fbdf(), rtol: 1e-10, atol: 1e-12 };

  it("goes on where the loop over steps was left and entered again", () => {
    const { problem } = hires();
    const [once, watched] = [{}, { onProgress: () => {} }].map((more) => solve(problem, { ...options, ...more }));
    expect(once.stats.steps).toBeGreaterThan(500);
    expect(watched.states.at(-1)).toEqual(once.states.at(-1));
  });

  it("begins anew after events: doses into a decay, by the closed form", () => {
    const decay = odeProblem({
      rhs: (u: number[], { k }) => [-k * u[0]],
      u0: [1],
      tspan: [0, 4],
      p: { k: 3 },
      events: {
        at: [1, 2, 3],
        apply(u: number[]) {
          u[0] += 1;
        },
      },
    });
    const { states, stats } = solve(decay, options);
    const exact = [0, 1, 2, 3].reduce((sum, t) => sum + Math.exp(-3 * (4 - t)), 0);
    expect(states.at(-1)![0] / exact).toBeCloseTo(1, 8);
    expect(stats.steps).toBeGreaterThan(50);
  });

  it("is of no use after steps that were cut short, of which the next ones are many times as long", () => {
    const oscillation = odeProblem({
      rhs: (u: number[], _, t) => [-1e3 * (u[0] - Math.cos(t)) - Math.sin(t)],
      u0: [1],
      tspan: [0, 10],
      p: {},
    });
    const stops = Array.from({ length: 9 }, (_, i) => i + 1).flatMap((t) => [t, t + 1e-7]);
    const { t, states } = solve(oscillation, { ...options, stops });
    expect(stops.every((stop) => [...t].some((x) => Math.abs(x - stop) < 1e-12))).toBe(true);
    t.forEach((at, i) => expect(Math.abs(states[i][0] - Math.cos(at))).toBeLessThan(1e-8));
  });

  it("goes backward in time, and saves where it is asked to", () => {
    const growth = odeProblem({ rhs: (u: number[], { k }, t) => [k * u[0] * t], u0: [1], tspan: [2, 0], p: { k: 2 } });
    const saveat = [1.7, 1.25, 0.5, 0];
    const { t, states } = solve(growth, { ...options, saveat });
    expect([...t]).toEqual(saveat);
    saveat.forEach((at, i) => expect(states[i][0] / Math.exp(at * at - 4)).toBeCloseTo(1, 7));
  });

  it("steps are bounded in number, and in length", () => {
    const { problem } = hires();
    expect(() => solve(problem, { ...options, maxSteps: 100 })).toThrow(TooManySteps);
    const { t } = solve(problem, { ...options, rtol: 1e-4, atol: 1e-6, maxStep: 5 });
    t.slice(1).forEach((at, i) => expect(at - t[i]).toBeLessThan(5 * (1 + 1e-5)));
  });
});

describe("gradients", () => {
  // u(1) = u₀ e⁻ᵏ + c (1 − e⁻ᵏ)/k, stiff beside another one.
  const problem = odeProblem({
    rhs: (u: number[], { k, c }) => [c - k * u[0], 1e4 * (u[0] - u[1])],
    u0: [2, 2],
    tspan: [0, 1],
    p: { k: 1.5, c: 0.7 },
  });
  const options = {
    loss: { final: (u: number[]) => u[0] ** 2 },
    wrt: ["p", "u0"],
    solver: fbdf(),
    rtol: 1e-9,
    atol: 1e-11,
  } as const;

  it.each(["discrete", "dual", "forwardSensitivity", "gauss", "quadrature"])("%s: the closed form", (adjoint) => {
    const found = gradient(problem, { ...options, adjoint });
    const [k, c, e] = [1.5, 0.7, Math.exp(-1.5)];
    const u = 2 * e + (c * (1 - e)) / k;
    const byK = -2 * e + (c * (k * e - 1 + e)) / k ** 2;
    expect(found.value / u ** 2).toBeCloseTo(1, 7);
    expect(found.gradient.p!.k / (2 * u * byK)).toBeCloseTo(1, 6);
    expect(found.gradient.p!.c / ((2 * u * (1 - e)) / k)).toBeCloseTo(1, 6);
    expect(found.flat.u0![0] / (2 * u * e)).toBeCloseTo(1, 6);
    expect(Math.abs(found.flat.u0![1])).toBeLessThan(1e-7);
  });

  // The continuous ones go back by fbdf as well.
  it.each(["discrete", "gauss", "quadrature", "interpolating"])("of HIRES, %s: the published one", (adjoint) => {
    const { problem: stiff, loss, reference } = hires();
    const { flat, stats } = gradient(stiff, { loss, solver: fbdf(), adjoint, rtol: 1e-9, atol: 1e-13 });
    const known = pack(stiff.layout.p, reference!.gradient as never, "gradient");
    const p = pack(stiff.layout.p, stiff.p, "p");
    const size = Math.hypot(...known.map((x, j) => x * p[j]));
    known.forEach((x, j) => expect(Math.abs((flat.p![j] - x) * p[j]) / size).toBeLessThan(2e-6));
    expect(stats.forward.steps).toBeGreaterThan(300);
  });
});
