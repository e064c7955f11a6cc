/** Components that fall below their absolute tolerances and matter again are told; those that something else feeds are not. */
import { describe, expect, it } from "vitest";
import { gradient, odeProblem, solve, tsit5 } from "../../../index.ts";
import { adjointsThat } from "../../tables.ts";

/** x' = a (t - 10) x: x = exp(a ((t - 10)² - 100) / 2) falls to e^-50a, and is 1 again at t = 20. */
const stated = {
  rhs: (u: { x: number; y: number }, p: { a: number }, t: number) => ({ x: p.a * (t - 10) * u.x, y: -u.y + 1 }),
  u0: { x: 1, y: 1 },
  tspan: [0, 20] as const,
  p: { a: 1 },
};
const valley = odeProblem(stated);

const fell = expect.stringMatching(
  /^Grew while below the absolute tolerance: x \(atol 0\.000001, from t = \S+ to t = \S+\)\. .*atol: \{ … \}/,
);

describe("what falls below its tolerance and grows out of the rest", () => {
  it("is told by a solve", () => {
    const { u, warnings } = solve(valley, { saveat: [20], solver: tsit5() });
    expect(Math.abs(u[0].x - 1)).toBeGreaterThan(0.1);
    expect(warnings).toEqual([fell]);
  });

  // At t = 5 it is e^-5k / 2, far below the tolerance, and at t = 10 what it was at the start.
  it.each([4, 5, 6, 7, 8])(
    "is told where a switch of time makes it grow again, of whichever sign its error is, at a rate of %s",
    (k) => {
      const rhs = (u: { x: number }, p: { k: number }, t: number): { x: number } => ({ x: (t < 5 ? -p.k : p.k) * u.x });
      const { u, warnings } = solve(odeProblem({ rhs, u0: { x: 1 }, tspan: [0, 10], p: { k } }), { saveat: [10] });
      expect(Math.abs(u[0].x - 1)).toBeGreaterThan(1e-3);
      expect(warnings).toEqual([fell]);
    },
  );

  it("is told where a dose of something else takes place meanwhile", () => {
    const events = { at: [10], apply: (u: { y: number }) => void (u.y += 1) };
    expect(solve(odeProblem({ ...stated, events }), { saveat: [20], solver: tsit5() }).warnings).toEqual([fell]);
  });

  it.each(adjointsThat())("is told by a gradient, by %s", (adjoint) => {
    expect(gradient(valley, { adjoint, loss: { final: (u) => u.x } }).warnings).toContainEqual(fell);
  });

  it("is right, and not told, at tolerances that are small enough", () => {
    const { u, warnings } = solve(valley, { saveat: [20], rtol: 1e-8, atol: 1e-30 });
    expect(u[0].x).toBeCloseTo(1, 5);
    expect(warnings).toEqual([]);
  });
});

describe("not told are", () => {
  const doses = [0, 24, 48, 72];

  it("doses that take place at once", () => {
    const rhs = (u: { c: number }): { c: number } => ({ c: -u.c });
    const events = { at: doses, apply: (u: { c: number }) => void (u.c += 100) };
    expect(solve(odeProblem({ rhs, u0: { c: 0 }, tspan: [0, 90], p: {}, events })).warnings).toEqual([]);
  });

  it("infusions", () => {
    const rhs = (u: { c: number }, _p: unknown, t: number): { c: number } => ({ c: (t % 24 < 0.25 ? 100 : 0) - u.c });
    expect(solve(odeProblem({ rhs, u0: { c: 0 }, tspan: [0, 90], p: {} })).warnings).toEqual([]);
  });

  it("oscillations, which pass through zero", () => {
    const rhs = (u: readonly number[]): number[] => [u[1], -u[0]];
    for (const rtol of [1e-3, 1e-6, 1e-9])
      expect(solve(odeProblem({ rhs, u0: [1, 0], tspan: [0, 200], p: {} }), { rtol }).warnings).toEqual([]);
  });

  it("oscillations that pass through zero fast, or grow", () => {
    const vanDerPol = (u: readonly number[]): number[] => [u[1], 5 * (1 - u[0] ** 2) * u[1] - u[0]];
    const growing = (u: readonly number[]): number[] => [0.3 * u[0] + u[1], 0.3 * u[1] - u[0]];
    for (const rhs of [vanDerPol, growing])
      for (const rtol of [1e-3, 1e-6, 1e-9])
        expect(solve(odeProblem({ rhs, u0: [2, 0], tspan: [0, 40], p: {} }), { rtol }).warnings).toEqual([]);
  });

  it("what the time feeds ever faster, of either sign", () => {
    const meals = (u: { g: number }, _p: unknown, t: number): { g: number } => ({
      g: 10 * Math.exp(-50 * ((t % 24) - 8) ** 2) - 0.8 * u.g,
    });
    const bursts = (u: { g: number }, _p: unknown, t: number): { g: number } => ({ g: 50 * (Math.sin(t) ** 21 - u.g) });
    for (const rhs of [meals, bursts])
      for (const rtol of [1e-3, 1e-6, 1e-9])
        expect(solve(odeProblem({ rhs, u0: { g: 0 }, tspan: [0, 96], p: {} }), { rtol }).warnings).toEqual([]);
  });

  it("dips in which a step or two end, however many there are", () => {
    // x = exp(3 sin t), down to 0.0498.
    const rhs = (u: { x: number }, _p: unknown, t: number): { x: number } => ({ x: 3 * Math.cos(t) * u.x });
    const { warnings } = solve(odeProblem({ rhs, u0: { x: 1 }, tspan: [0, 100], p: {} }), {
      rtol: 1e-3,
      atol: 0.053,
      solver: tsit5(),
    });
    expect(warnings).not.toContainEqual(expect.stringMatching(/^Grew while below/));
  });
});
