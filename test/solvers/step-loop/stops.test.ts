import { describe, expect, test } from "vitest";
import { odeProblem } from "../../../src/problem/problem.ts";
import { rk4 } from "../../../solvers/methods/rk4.ts";
import { solve } from "../../../solvers/solve/solve.ts";
import { stopsOf } from "../../../solvers/step-loop/stops.ts";
import { everyMethod } from "../../tables.ts";

/** On for half a unit of time in a hundred, by a function whose text shows no times. */
const switched = { on: 20, off: 20.5 };
const isOn = (t: number): boolean => t >= switched.on && t < switched.off;
const isOnOpen = (t: number): boolean => t > switched.on && t <= switched.off;
const pulse = (on: (t: number) => boolean, tspan: readonly [number, number]) =>
  odeProblem({ rhs: (u: readonly number[], _p: readonly number[], t: number) => [(on(t) ? 3 : 0) - 0.1 * u[0]], u0: [0], tspan });
const level = 30 * (1 - Math.exp(-0.05));
const stops = [20, 20.5];

describe("stops", () => {
  test.each([
    ["closed from the left", isOn],
    ["closed from the right", isOnOpen],
  ])("a short input is seen, %s, by every method in both directions of time", (_, on) => {
    for (const solver of everyMethod(0.01)) {
      const ahead = solve(pulse(on, [0, 100]), { solver, stops, saveat: [19, 20, 20.5, 21], rtol: 1e-8, atol: 1e-8 });
      const tolerance = solver.order === 1 ? 1e-2 : 1e-5;
      [0, 0, level, level * Math.exp(-0.05)].forEach((x, i) => expect(Math.abs(ahead.states[i][0] - x)).toBeLessThan(tolerance));
      const back = solve(pulse(on, [21, 0]), { solver, stops, saveat: [20.5, 20], rtol: 1e-8, atol: 1e-8 });
      const atOff = 0;
      expect(Math.abs(back.states[0][0] - atOff)).toBeLessThan(tolerance);
      expect(Math.abs(back.states[1][0] - (30 - 30 * Math.exp(0.05)))).toBeLessThan(10 * tolerance);
    }
  });

  test("cost two short steps beside the switch, not a search for it", () => {
    const { stats } = solve(pulse(isOn, [0, 100]), { stops, maxStep: Infinity });
    expect(stats.rejected).toBeLessThan(12);
    expect(stats.steps).toBeLessThan(80);
  });

  test("are times of the solution as they were given", () => {
    const { t, stats } = solve(pulse(isOn, [0, 100]), { stops });
    expect(stats.stops).toEqual(stops);
    for (const stop of stops) expect(t).toContain(stop);
  });

  test("at the ends of tspan", () => {
    const at = (tspan: readonly [number, number]) =>
      solve(pulse(isOn, tspan), { stops, saveat: [tspan[1]], rtol: 1e-8, atol: 1e-8 });
    expect(at([20, 20.5]).states[0][0]).toBeCloseTo(level, 7);
    expect(at([20.5, 20]).states[0][0]).toBeCloseTo(30 - 30 * Math.exp(0.05), 7);
    expect(solve(pulse(isOn, [20, 20.5]), { stops, maxStep: Infinity }).stats.steps).toBeLessThan(12);
    const open = solve(pulse(isOnOpen, [20.5, 30]), { stops, rtol: 1e-8, atol: 1e-8 });
    expect(open.states.every(([x]) => x === 0)).toBe(true);
  });

  test("together with events at the same times: the state saved there is the one before", () => {
    const problem = odeProblem({
      rhs: (_u: readonly number[], _p: readonly number[], t: number) => [isOn(t) ? 1 : 0],
      u0: [0],
      tspan: [0, 30],
      events: { at: [20, 20.5, 20.5], apply: (u) => void (u[0] += 10) },
    });
    const { states } = solve(problem, { stops, saveat: [20, 20.25, 20.5, 30] });
    [0, 10.25, 10.5, 30.5].forEach((x, i) => expect(states[i][0]).toBeCloseTo(x, 12));
  });

  test("with steps of one length the step to a stop is cut", () => {
    const { states } = solve(pulse(isOn, [0, 21]), { solver: rk4({ dt: 0.3 }), stops, saveat: [20.5] });
    expect(states[0][0]).toBeCloseTo(level, 7);
  });

  test("outside of tspan are ignored, at one time are one, too close to each other for a step are one", () => {
    expect(stopsOf({ t0: 0, t1: 1, stops: [2, -1, 0.5, 0.5] })).toHaveLength(1);
    expect(stopsOf({ t0: 1, t1: 0, stops: [0.25, 0.5, 0.5 - 1e-16] }).map(({ t }) => t)).toEqual([0.5, 0.25]);
    expect(stopsOf({ t0: 0, t1: 1 })).toEqual([]);
  });
});

describe("maxStep and firstStep", () => {
  test("no step is longer than maxStep, the first is firstStep", () => {
    const { t } = solve(pulse(isOn, [0, 100]), { maxStep: 0.25, firstStep: 1e-3 });
    expect(t[1]).toBe(1e-3);
    for (let i = 1; i < t.length; i++) expect(t[i] - t[i - 1]).toBeLessThanOrEqual(0.25 * (1 + 1e-9));
    expect(solve(pulse(isOn, [0, 100]), { maxStep: 0.25, saveat: [20.5] }).states[0][0]).toBeCloseTo(level, 4);
  });

  test.each([
    [{ maxStep: 0 }, /maxStep is 0/],
    [{ maxStep: -1 }, /maxStep is -1/],
    [{ firstStep: NaN }, /firstStep is NaN/],
    [{ stops: [1, NaN] }, /stops\[1\] is NaN/],
    [{ stops: 3 as never }, /stops is 3, but must be an array/],
  ])("%j is refused by name", (options, message) => {
    expect(() => solve(pulse(isOn, [0, 1]), options)).toThrow(
      expect.objectContaining({ name: "BadOption", message: expect.stringMatching(message) }),
    );
  });
});

describe("a longest step by default", () => {
  /** From rest, a smooth input of a hundredth of the span. */
  const bell = odeProblem({
    rhs: (u: readonly number[], _p: readonly number[], t: number) => [Math.exp(-(((t - 5.03) / 0.1) ** 2)) - 0 * u[0]],
    u0: [0],
    tspan: [0, 10],
  });
  const area = 0.1 * Math.sqrt(Math.PI);

  test("short smooth inputs are seen, by functions that can be read and by others", () => {
    expect(solve(bell, { saveat: [10] }).states[0][0]).toBeCloseTo(area, 4);
    expect(solve(pulse(isOn, [0, 30]), { saveat: [30] }).states[0][0]).toBeGreaterThan(0.3);
  });

  test("only where the right-hand side changes with time otherwise than at times that are found", () => {
    const steps = (rhs: unknown): number => solve(odeProblem({ rhs: rhs as never, u0: [0], tspan: [0, 10] })).stats.steps;
    expect(steps((u: number[]) => [-0.1 * u[0]])).toBeLessThan(20);
    expect(steps((_u: number[], _p: number[], t: number) => [t > 5 && t < 6 ? 1 : 0])).toBeLessThan(40);
    expect(steps((_u: number[], _p: number[], t: number) => [Math.exp(-t)])).toBeGreaterThanOrEqual(50);
    expect(steps((u: number[], _p: number[], t: number) => [u[0] > t + 1 ? 1 : 0])).toBeGreaterThanOrEqual(50);
    expect(solve(bell, { maxStep: Infinity }).stats.steps).toBeLessThan(50);
  });
});
