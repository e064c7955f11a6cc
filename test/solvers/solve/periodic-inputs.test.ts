/** Inputs that repeat themselves, far more often than a fiftieth of the span, and act for a small part of each period. */
import { describe, expect, it } from "vitest";
import { gradient, odeProblem, solve } from "../../../index.ts";

/** The mean of cos^n over a period, of even n: the binomial coefficient (n over n/2) over 2^n. */
const mean = (n: number): number =>
  Array.from({ length: n / 2 }, (_, k) => (n / 2 + k + 1) / (k + 1)).reduce((a, b) => a * b) / 2 ** n;

const meals = odeProblem({
  rhs: (_u: { fed: number }, p: { dose: number; phase: number }, t: number) => ({
    fed: p.dose * Math.cos((2 * Math.PI * (t - p.phase)) / 24) ** 60,
  }),
  u0: { fed: 0 },
  p: { dose: 3, phase: 5 },
  tspan: [0, 2400],
});
const exact = 3 * 2400 * mean(60);

describe("meals of a few hours over a hundred days", () => {
  // None is missed; but of what begins and ends within a step, estimates know little, so that tight tolerances are not met.
  it.each([1e-4, 1e-6, 1e-8])("at rtol = %d", (rtol) => {
    for (let phase = 0; phase < 12; phase += 1.7) {
      const { u } = solve(meals, { rtol, saveat: [2400], p: { dose: 3, phase } });
      expect(Math.abs(u[0].fed / exact - 1)).toBeLessThan(Math.max(1e3 * rtol, 5e-5));
    }
  });

  it("and their gradient", () => {
    const { value, gradient: by } = gradient(meals, { loss: { final: (u) => u.fed } });
    expect(Math.abs(value / exact - 1)).toBeLessThan(1e-4);
    expect(Math.abs(by.p.dose / (exact / 3) - 1)).toBeLessThan(1e-4);
  });
});
