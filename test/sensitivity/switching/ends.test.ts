/** Switches by the time at an end of the span: derivatives to either side only, where something jumps there. */
import { describe, expect, it } from "vitest";
import { gradient, odeProblem } from "../../../index.ts";

interface State {
  x: number;
}
interface Rates {
  at: number;
  r: number;
  k: number;
}

/** An input of x that begins or ends at p.at, and x at t = 10. */
function byInput(input: (t: number, p: Rates) => number, at: number) {
  const problem = odeProblem({
    rhs: (du: State, u: State, p: Rates, t: number, { input }) => {
      du.x = p.r * input(t, p) - p.k * u.x;
    },
    u0: { x: 0 },
    p: { at, r: 3, k: 0.2 },
    tspan: [0, 10],
    constants: { input },
  });
  return gradient(problem, { loss: { final: (u) => u.x } });
}

/** x(10) of an input of 1 from 0 to 10, by r. */
const byR = (1 - Math.exp(-2)) / 0.2;

describe("an input that jumps", () => {
  it.each<[string, (t: number, p: Rates) => number]>([
    [">", (t, p) => (t > p.at ? 1 : 0)],
    [">=", (t, p) => (t >= p.at ? 1 : 0)],
    ["<", (t, p) => (t < p.at ? 0 : 1)],
    ["<=", (t, p) => (t <= p.at ? 0 : 1)],
  ])("at the start, by %s, is told", (_, input) => {
    const { gradient: found, warnings } = byInput(input, 0);
    expect(found.p.r).toBeCloseTo(byR, 5);
    expect(warnings).toEqual([
      expect.stringMatching(/switches at t = 0, an end of `tspan`.* What p\.at do through its time is not/),
    ]);
  });

  it("at the end is told", () => {
    const { gradient: found, warnings } = byInput((t, p) => (t < p.at ? 1 : 0), 10);
    expect(found.p.r).toBeCloseTo(byR, 5);
    expect(warnings).toEqual([expect.stringMatching(/switches at t = 10, an end of `tspan`/)]);
  });

  it("between is not: the derivative has it", () => {
    const { gradient: found, warnings } = byInput((t, p) => (t >= p.at ? 1 : 0), 4);
    expect(found.p.at).toBeCloseTo(-3 * Math.exp(-0.2 * 6), 5);
    expect(warnings).toEqual([]);
  });
});

it.each<[string, (t: number, p: Rates) => number]>([
  ["a comparison", (t, p) => (t >= p.at ? t - p.at : 0)],
  ["a maximum", (t, p) => Math.max(0, t - p.at)],
])("an input that begins with a kink at the start, by %s, has a derivative", (_, input) => {
  const { gradient: found, warnings } = byInput(input, 0);
  expect(found.p.at).toBeCloseTo(-3 * byR, 4);
  expect(warnings).toEqual([]);
});
