/** Decisions on the state that an event turns, and that switch again later: they are held on each side of the event. */
import { describe, expect, it } from "vitest";
import { gradient, odeProblem, periodic } from "../../../index.ts";
import { eachWay } from "../../tables.ts";

/** v falls, is lifted to j − 1 − d at t = 1, and is zero (j − 1 − d) / d later; y grows meanwhile. */
const lifted = odeProblem({
  rhs(du, u, p) {
    du.v = -p.d;
    du.y = u.v > 0 ? p.s : 0;
  },
  u0: { v: -1, y: 0 },
  tspan: [0, 3],
  p: { s: 1, d: 1, j: 3 },
  events: {
    at: [1],
    apply(u, p) {
      u.v += p.j;
    },
  },
});

/** At 1 at t = 0, and lifted to it again at 2 and 4, so that v is above zero for one unit of time behind each. */
const again = odeProblem({
  rhs(du, u, p) {
    du.v = -p.d;
    du.y = u.v > 0 ? p.s : 0;
  },
  u0: { v: 1, y: 0 },
  tspan: [0, 5.5],
  p: { s: 2, d: 1, j: 2 },
  events: periodic<{ v: number; y: number }, { s: number; d: number; j: number }>({
    every: 2,
    from: 2,
    apply(u, p) {
      u.v += p.j;
    },
  }),
});

describe("an event that turns a decision", () => {
  it.each(eachWay)("once, by %s and %s", (adjoint, _, solver) => {
    const loss = { final: (u: { y: number }) => u.y ** 2 };
    for (const rtol of [1e-4, 1e-7]) {
      const { value, gradient: g } = gradient(lifted, { loss, adjoint, solver, rtol, atol: rtol / 100 });
      // y = s (j − 1 − d) / d.
      expect(Math.abs(value - 1)).toBeLessThan(10 * rtol);
      for (const [name, right] of Object.entries({ s: 2, d: -4, j: 2 })) {
        expect(Math.abs(g.p![name as "s"] - right), name).toBeLessThan(100 * rtol);
      }
    }
  });

  it.each(eachWay)("again and again, by %s and %s", (adjoint, _, solver) => {
    const { value, gradient: g } = gradient(again, { loss: { final: (u) => u.y }, adjoint, solver, rtol: 1e-7, atol: 1e-9 });
    // Above zero until 1 / d, from 2 until (1 + j) / d, and from 4 until (1 + 2 j) / d: y = s ((3 + 3 j) / d − 6).
    expect(value).toBeCloseTo(6, 5);
    expect([g.p!.s, g.p!.d, g.p!.j]).toEqual([3, -18, 6].map((right) => expect.closeTo(right, 4)));
  });
});
