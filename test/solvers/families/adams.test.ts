/** Adams' methods: their orders, problems with closed forms and published answers, and what they do at stops. */
import { describe, expect, it } from "vitest";
import { gradient, odeProblem, solve, tsit5, vcabm, type OdeProblem } from "../../../index.ts";
import { arenstorf, lotkaVolterra, pleiades } from "../../../problems/index.ts";
import { pack } from "../../../src/arrays/pack.ts";
import type { AdamsMethod } from "../../../solvers/families/adams/tableau.ts";
import { integrate, prepare } from "../../../solvers/step-loop/integrate.ts";
import { systemOf } from "../../../solvers/systems/problem-system.ts";

const orders = [1, 2, 3, 4, 5, 6, 7, 8] as const;

/** Steps of no higher order. */
function upTo(largestOrder: number): AdamsMethod {
  const method = vcabm();
  return { ...method, order: largestOrder, tableau: { ...method.tableau, largestOrder, errorOrder: largestOrder + 1 } };
}

/** The slope of the least squares line. */
function slope(x: readonly number[], y: readonly number[]): number {
  const mean = (values: readonly number[]): number => values.reduce((sum, v) => sum + v, 0) / values.length;
  const [mx, my] = [mean(x), mean(y)];
  return mean(x.map((v, i) => (v - mx) * (y[i] - my))) / mean(x.map((v) => (v - mx) ** 2));
}

/** x'' = -x. */
const turning = odeProblem({ rhs: (u: number[], { w }) => [w * u[1], -w * u[0]], u0: [0, 1], tspan: [0, 6], p: { w: 1 } });

/** Largest errors at the end and between steps. */
function errors(method: AdamsMethod, tolerance: number): { steps: number; end: number; between: number } {
  const { final, dense, statistics } = integrate(prepare(systemOf(turning.code)!, method, { target: "javascript" }), {
    u0: Float64Array.of(0, 1),
    p: Float64Array.of(1),
    t0: 0,
    t1: 60,
    rtol: tolerance,
    atol: tolerance,
    dense: true,
  });
  const out = new Float64Array(2);
  const distance = (u: Float64Array, t: number): number => Math.hypot(u[0] - Math.sin(t), u[1] - Math.cos(t));
  const times = Array.from({ length: 6001 }, (_, i) => i / 100);
  const between = Math.max(...times.map((t) => (dense!.interpolate(t, out), distance(out, t))));
  return { steps: statistics.steps, end: distance(final, 60), between };
}

describe("orders", () => {
  // Without errors orders rise from step to step, and steps are twice as long as those before, up to 0.15.
  it.each([1, 2, 3, 4, 6, 8, 11, 12])(
    "%i: steps of any lengths integrate powers of time up to that one exactly, and no higher",
    (k) => {
      const method = upTo(k);
      const blind = { ...method, tableau: { ...method.tableau, strictness: 0, restrainedFrom: k } };
      const defect = (m: number): number => {
        const problem = odeProblem({
          rhs: (_u: number[], { m }: { m: number }, t) => [(m + 1) * t ** m],
          u0: [0],
          tspan: [0.1, 2],
          p: { m },
        });
        const prepared = prepare(systemOf(problem.code)!, blind, { target: "javascript" });
        const request = { u0: Float64Array.of(0), p: Float64Array.of(m), t0: 0.1, t1: 2, rtol: 1e-6, atol: 1e-6 };
        const { times: t, savedStates } = integrate(prepared, { ...request, firstStep: 1e-5, maxStep: 0.15, saveat: "steps" });
        expect(t.length).toBeGreaterThan(25);
        const defects = [...t.keys()].slice(k + 1).map((i) => {
          const exact = t[i] ** (m + 1) - t[i - 1] ** (m + 1);
          return Math.abs(savedStates.data[i] - savedStates.data[i - 1] - exact) / 2 ** (m + 1);
        });
        return Math.max(...defects);
      };
      expect(defect(k)).toBeLessThan(3e-14);
      expect(defect(k + 1)).toBeGreaterThan(1e-13);
    },
  );

  // Estimates are of order k, and what goes on is of order k + 1; steps of the beginning are few over such a time.
  it.each(orders)(
    "%i: errors shrink with a power of the steps' length between that and two more, at their ends and between",
    (k) => {
      const solves = (k < 3 ? [4, 4.5, 5, 5.5] : k < 6 ? [7, 8, 9, 10] : [9, 10, 11, 12]).map((e) => errors(upTo(k), 10 ** -e));
      const log = (values: readonly number[]): number[] => values.map(Math.log);
      for (const which of ["end", "between"] as const) {
        const found = -slope(log(solves.map(({ steps }) => steps)), log(solves.map((one) => one[which])));
        expect(found, which).toBeGreaterThan(k + 0.4);
        expect(found, which).toBeLessThan(k + 2.2);
      }
    },
  );

  it("rise as tolerances fall: evaluations grow by little", () => {
    const counts = [1e-6, 1e-12].map((rtol) => solve(turning, { solver: vcabm(), rtol, atol: rtol }).stats.rhsCalls);
    expect(counts[1] / counts[0]).toBeLessThan(4);
    const fifth = [1e-6, 1e-12].map((rtol) => solve(turning, { solver: tsit5(), rtol, atol: rtol }).stats.rhsCalls);
    expect(fifth[1] / fifth[0]).toBeGreaterThan(8);
  });

  it("the dense output meets the states at the ends of the steps", () => {
    const solution = solve(turning, { solver: vcabm(), rtol: 1e-10, atol: 1e-10 });
    solution.t.forEach((t, i) =>
      solution.at(t).forEach((x, j) => expect(Math.abs(x - solution.states[i][j])).toBeLessThan(1e-14)),
    );
  });
});

describe("published answers", () => {
  it.each([
    ["Lotka-Volterra", lotkaVolterra(), 1e-11, 1e-8],
    ["Pleiades", pleiades(), 1e-12, 1e-7],
  ] as const)("%s", (_, named, rtol, bound) => {
    const { problem, reference } = named as { problem: OdeProblem; reference?: { end?: unknown } };
    const { states, stats } = solve(problem, { solver: vcabm(), rtol, atol: rtol, saveat: [problem.tspan[1]] });
    pack(problem.layout.u, reference!.end as never, "end").forEach((x, i) =>
      expect(Math.abs(states[0][i] - x) / Math.abs(x)).toBeLessThan(bound),
    );
    // Two a step, tried or taken, and those of the beginning.
    expect(stats.rhsCalls).toBe(2 * (stats.steps + stats.rejected) + 2);
  });

  it("the Arenstorf orbit closes, past the moon as close as it goes", () => {
    const { problem } = arenstorf();
    const end = solve(problem, { solver: vcabm(), rtol: 1e-12, atol: 1e-12 }).states.at(-1)!;
    expect(Math.hypot(end[0] - 0.994, end[1])).toBeLessThan(1e-6);
  });
});

describe("the past", () => {
  const options = { solver: vcabm(), rtol: 1e-11, atol: 1e-12 };

  it("goes on where the loop over steps was left and entered again", () => {
    const { problem } = pleiades();
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
      events: { at: [1, 2, 3], apply: (u: number[]) => void (u[0] += 1) },
    });
    const exact = [0, 1, 2, 3].reduce((sum, t) => sum + Math.exp(-3 * (4 - t)), 0);
    expect(solve(decay, options).states.at(-1)![0] / exact).toBeCloseTo(1, 9);
  });

  it("begins anew where the right-hand side jumps: a ramp with a corner, by the closed form", () => {
    const ramp = odeProblem({
      rhs: (u: number[], p, t) => [t < p.lag ? 1 : -u[0]],
      u0: [0],
      tspan: [0, 2],
      p: { lag: 0.7 },
    });
    expect(solve(ramp, options).states.at(-1)![0] / (0.7 * Math.exp(-1.3))).toBeCloseTo(1, 9);
  });

  it("goes backward in time, and saves where it is asked to", () => {
    const growth = odeProblem({ rhs: (u: number[], { k }, t) => [k * u[0] * t], u0: [1], tspan: [2, 0], p: { k: 2 } });
    const saveat = [1.7, 1.25, 0.5, 0];
    const { t, states } = solve(growth, { ...options, saveat });
    expect([...t]).toEqual(saveat);
    saveat.forEach((at, i) => expect(states[i][0] / Math.exp(at * at - 4)).toBeCloseTo(1, 8));
  });
});

describe("gradients", () => {
  // u(2) = u₀ e^(-2k) + c (1 - e^(-2k))/k.
  const problem = odeProblem({ rhs: (u: number[], { k, c }) => [c - k * u[0]], u0: [2], tspan: [0, 2], p: { k: 1.5, c: 0.7 } });
  const options = {
    loss: { final: (u: number[]) => u[0] ** 2 },
    wrt: ["p", "u0"],
    solver: vcabm(),
    rtol: 1e-10,
    atol: 1e-11,
  } as const;

  it.each(["discrete", "dual", "forwardSensitivity", "gauss", "quadrature", "interpolating"])(
    "%s: the closed form",
    (adjoint) => {
      const found = gradient(problem, { ...options, adjoint });
      const [k, c, e] = [1.5, 0.7, Math.exp(-3)];
      const u = 2 * e + (c * (1 - e)) / k;
      const byK = -4 * e + (c * (2 * k * e - 1 + e)) / k ** 2;
      expect(found.value / u ** 2).toBeCloseTo(1, 8);
      expect(found.gradient.p!.k / (2 * u * byK)).toBeCloseTo(1, 7);
      expect(found.gradient.p!.c / ((2 * u * (1 - e)) / k)).toBeCloseTo(1, 7);
      expect(found.flat.u0![0] / (2 * u * e)).toBeCloseTo(1, 7);
    },
  );

  it.each([undefined, 1e-3, 1e-8])(
    "of a solution that begins as a polynomial, over steps that double from %s on: the closed form",
    (firstStep) => {
      for (const power of [0, 1, 4]) {
        const rising = odeProblem({
          rhs: (_u: number[], { a }, t, { power }: { power: number }) => [-a * t ** power],
          u0: [1],
          tspan: [0, 3],
          p: { a: 0.7 },
          constants: { power },
        });
        const found = gradient(rising, { ...options, loss: { final: (u) => u[0] }, adjoint: "discrete", firstStep });
        expect(found.gradient.p!.a / (-(3 ** (power + 1)) / (power + 1))).toBeCloseTo(1, 9);
        expect(found.flat.u0![0]).toBeCloseTo(1, 12);
      }
    },
  );
});
