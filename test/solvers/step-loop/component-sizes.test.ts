/** Components that fall below their absolute tolerances and matter again are told; those that something else feeds are not. */
import { describe, expect, it } from "vitest";
import { gradient, odeProblem, solve, tsit5 } from "../../../index.ts";
import { adjointsThat } from "../../tables.ts";

/** x' = a (t - 10) x: x = exp(a ((t - 10)² - 100) / 2) falls to e^-50a, and is 1 again at t = 20. */
const valley = odeProblem({
  rhs: (u: { x: number; y: number }, p: { a: number }, t) => ({ x: p.a * (t - 10) * u.x, y: -u.y + 1 }),
  u0: { x: 1, y: 1 },
  tspan: [0, 20],
  p: { a: 1 },
});

const fell = expect.stringMatching(/^Fell below the absolute tolerance, and grew again: x \(atol 0\.000001\)\. .*atol: \{ … \}/);

describe("what falls below its tolerance and grows out of the rest", () => {
  it("is told by a solve", () => {
    const { u, warnings } = solve(valley, { saveat: [20], solver: tsit5() });
    expect(Math.abs(u[0].x - 1)).toBeGreaterThan(0.1);
    expect(warnings).toEqual([fell]);
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

  it("dips in which a step or two end, however many there are", () => {
    // x = exp(3 sin t), down to 0.0498.
    const rhs = (u: { x: number }, _p: unknown, t: number): { x: number } => ({ x: 3 * Math.cos(t) * u.x });
    const { warnings } = solve(odeProblem({ rhs, u0: { x: 1 }, tspan: [0, 100], p: {} }), {
      rtol: 1e-3,
      atol: 0.053,
      solver: tsit5(),
    });
    expect(warnings).not.toContainEqual(expect.stringMatching(/^Fell below/));
  });
});
