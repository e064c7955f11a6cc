/** Derivatives by the ends of time are as right as the tolerances, in every method. */
import { describe, expect, it } from "vitest";
import { gradient, odeProblem } from "../../../../index.ts";
import { adjointsThat, solversOf } from "../../../tables.ts";

/** u' = -k u + cos t, u(t) = C e^{-k (t - t0)} + (k cos t + sin t) / (k² + 1). */
const forced = odeProblem({
  rhs: (u: number, { k }: { k: number }, t) => -k * u + Math.cos(t),
  u0: 2,
  tspan: [0.5, 4],
  p: { k: 0.7 },
});
const [k, u0, t0, t1] = [0.7, 2, 0.5, 4];
const particular = (t: number): number => (k * Math.cos(t) + Math.sin(t)) / (k * k + 1);
const u = (t: number): number => (u0 - particular(t0)) * Math.exp(-k * (t - t0)) + particular(t);
/** d(u²)/dt at t1 by t1, and by t0. */
const byEnd = 2 * u(t1) * (-k * u(t1) + Math.cos(t1));
const byStart = 2 * u(t1) * Math.exp(-k * (t1 - t0)) * (k * u0 - Math.cos(t0));

describe.each(adjointsThat())("%s", (adjoint) => {
  it.each([1e-4, 1e-7, 1e-10])("within a hundred times the tolerance %d", (tolerance) => {
    for (const solver of solversOf(adjoint)) {
      const options = { solver, rtol: tolerance, atol: tolerance, adjoint, wrt: ["t0", "t1"] as const };
      const { gradient: found, plan } = gradient(forced, { loss: { final: (x) => x ** 2 }, ...options });
      expect(Math.abs(found.t1! - byEnd)).toBeLessThan(100 * tolerance);
      expect(Math.abs(found.t0! - byStart)).toBeLessThan(100 * tolerance);
      expect(String(plan)).toContain(
        "t0 and t1 by the differential equation at the ends of what was solved, right within the tolerances",
      );
    }
  });

  it("of an integral: what is added at the end, and what is lost at the start and gained behind it", () => {
    const options = { rtol: 1e-8, atol: 1e-8, adjoint, wrt: ["t0", "t1"] as const };
    const { gradient: found } = gradient(forced, { loss: { integral: (x) => x }, ...options });
    const behind = ((k * u0 - Math.cos(t0)) * (1 - Math.exp(-k * (t1 - t0)))) / k;
    expect(found.t1!).toBeCloseTo(u(t1), 5);
    expect(found.t0!).toBeCloseTo(behind - u0, 5);
  });

  it("by an end that comes after the solve was ended it is zero", () => {
    const ended = odeProblem({
      rhs: (x: number[]) => [-x[0]],
      u0: [2],
      tspan: [0, 4],
      p: {},
      events: { when: (x: number[]) => x[0] - 1, terminal: true },
    });
    const { gradient: found } = gradient(ended, { loss: { final: (x) => x[0] ** 2 }, adjoint, wrt: ["u0", "t1"] });
    expect(found.t1).toBe(0);
  });
});
