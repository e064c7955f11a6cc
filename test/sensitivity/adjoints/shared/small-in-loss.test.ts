/** Losses that depend on what has become smaller than its absolute tolerance: the gradient says so. */
import { describe, expect, it } from "vitest";
import { gradient, odeProblem, type Loss } from "../../../../index.ts";
import { adjointsThat } from "../../../tables.ts";

interface State {
  readonly x: number;
  readonly y: number;
}

/** y = e^-kt; x stays. */
const decay = (end: number) =>
  odeProblem({
    rhs: (u: State, p: { k: number }): State => ({ x: 0, y: -p.k * u.y }),
    u0: { x: 1, y: 1 },
    tspan: [0, end],
    p: { k: 1 },
  });

const logarithm: Loss<State, { k: number }> = { final: (u) => Math.log(u.y) };
const told = expect.stringMatching(/^The loss depends on what is as small as its absolute tolerance: y \(atol 0\.000001\)\./);

describe("the logarithm of what has decayed", () => {
  it.each(adjointsThat())("is told, by %s", (adjoint) => {
    const { warnings } = gradient(decay(20), { adjoint, loss: logarithm });
    expect(warnings).toContainEqual(told);
  });

  it("is told at saved times", () => {
    const loss: Loss<State, { k: number }> = { at: [16, 18, 20], of: (u) => Math.log(u.y) };
    expect(gradient(decay(20), { loss }).warnings).toContainEqual(told);
  });

  it("is right, and not told, by a tolerance that is small enough, or before", () => {
    const tight = gradient(decay(20), { loss: logarithm, atol: { y: 1e-20 } });
    expect(tight.gradient.p!.k).toBeCloseTo(-20, 3);
    const early = gradient(decay(8), { loss: logarithm });
    expect(early.gradient.p!.k).toBeCloseTo(-8, 3);
    expect([tight.warnings, early.warnings]).toEqual([[], []]);
  });
});

it("squares of differences, which hardly depend on it, are not told", () => {
  const loss: Loss<State, { k: number }> = { at: [0.5, 1, 2, 10, 18], of: (u, _p, t) => (u.y - Math.exp(-1.1 * t)) ** 2 };
  const { warnings, gradient: slope } = gradient(decay(20), { loss });
  expect(warnings).toEqual([]);
  expect(slope.p!.k).toBeLessThan(-0.01);
});

it("neither is what something else decides", () => {
  const loss: Loss<State, { k: number }> = { final: (u) => u.x + u.y };
  expect(gradient(decay(20), { loss }).warnings).toEqual([]);
});
