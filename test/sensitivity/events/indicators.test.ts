/** Events that set an indicator which the right-hand side compares: how a condition is crossed is seen on the side before the event. */
import { describe, expect, it } from "vitest";
import { gradient, GrazingEvent, odeProblem } from "../../../index.ts";
import { adjointMethods } from "../../../sensitivity/adjoints/index.ts";

const methods = Object.keys(adjointMethods);
const end = 20;

describe.each(methods)("%s", (adjoint) => {
  // Decay down to `low` at t = ln(1 / low) / k, growth by m from there on: x(end) = low exp(m (end - t)).
  it.each([1e-3, 1e-5, 1e-7])("a quantity that turns where it comes down to a hundredth, at tolerance %s", (rtol) => {
    const p = { k: 0.3, m: 0.2, low: 0.01 };
    const turning = odeProblem({
      rhs(du, u, p) {
        du.x = (u.on > 0.5 ? p.m : -p.k) * u.x;
        du.on = 0;
      },
      u0: { x: 1, on: 0 },
      p,
      tspan: [0, end],
      events: {
        when: (u, p) => u.x - p.low,
        direction: "down",
        apply(u) {
          u.on = 1;
        },
      },
    });
    const met = Math.log(1 / p.low) / p.k;
    const x = p.low * Math.exp(p.m * (end - met));
    const found = gradient(turning, { adjoint, rtol, atol: rtol / 1000, loss: { final: (u) => u.x } }).gradient.p!;
    const exact = { k: (x * p.m * met) / p.k, m: x * (end - met), low: (x / p.low) * (1 + p.m / p.k) };
    for (const key of ["k", "m", "low"] as const) expect(Math.abs(found[key] / exact[key] - 1)).toBeLessThan(50 * rtol);
  });

  it("one that only touches its condition is refused all the same", () => {
    const wave = odeProblem({
      rhs(du, u, p) {
        du.x = u.v;
        du.v = (u.on > 0.5 ? 1 : -p.k) * u.x;
        du.on = 0;
      },
      u0: { x: 0, v: 1, on: 0 },
      p: { k: 1 },
      tspan: [0, 3],
      events: {
        when: (u) => u.x - (1 - 1e-9),
        apply(u) {
          u.on = 1;
        },
      },
    });
    expect(() => gradient(wave, { adjoint, rtol: 1e-8, atol: 1e-8, loss: { final: (u) => u.x } })).toThrow(GrazingEvent);
  });
});
