/** Decisions on the state that an event turns, and that switch again later: they are held on each side of the event. */
import { describe, expect, it } from "vitest";
import { gradient, odeProblem, periodic, radauIIA5, rock4 } from "../../../index.ts";
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

/** v falls, and is lifted to j − l wherever it comes to −l: at 1 and 4. It is above zero for (j − l) / d behind each. */
const lowest = odeProblem({
  rhs(du, u, p) {
    du.v = -p.d;
    du.y = u.v > 0 ? p.s : 0;
  },
  u0: { v: -1, y: 0 },
  tspan: [0, 5.5],
  p: { s: 1, d: 1, l: 2, j: 3 },
  events: {
    when: (u, p) => u.v + p.l,
    direction: "down",
    apply(u, p) {
      u.v += p.j;
    },
  },
});

/** A ball that bounces, with drag where it is fast; w is the time that it is above h. */
const ball = odeProblem({
  rhs(du, u, p) {
    du.x = u.v;
    du.v = -p.g - (Math.abs(u.v) > p.c ? p.k * u.v : 0);
    du.w = u.x > p.h ? p.s : 0;
  },
  u0: { x: 1, v: 0, w: 0 },
  p: { g: 9.81, c: 2, k: 0.5, h: 0.3, s: 1, e: 0.8 },
  tspan: [0, 2.5],
  events: {
    when: (u) => u.x,
    direction: "down",
    apply(u, p) {
      u.v *= -p.e;
    },
  },
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

  it.each(eachWay)("where a condition is met, by %s and %s", (adjoint, _, solver) => {
    const { value, gradient: g } = gradient(lowest, { loss: { final: (u) => u.y }, adjoint, solver, rtol: 1e-7, atol: 1e-9 });
    // y = 2 s (j − l) / d.
    expect(value).toBeCloseTo(2, 5);
    expect([g.p!.s, g.p!.d, g.p!.l, g.p!.j]).toEqual([2, -2, -2, 2].map((right) => expect.closeTo(right, 4)));
  });

  it.each([
    ["by default", undefined, undefined],
    ["by gauss", "gauss", undefined],
    ["by gauss and rock4", "gauss", rock4()],
    ["by gauss and radauIIA5", "gauss", radauIIA5()],
    ["by backsolve", "backsolve", undefined],
    ["by discrete and radauIIA5", "discrete", radauIIA5()],
  ] as const)("at each bounce, %s", (_, adjoint, solver) => {
    const { value, flat } = gradient(ball, { loss: { final: (u) => u.w + u.x }, adjoint, solver });
    // By central differences, extrapolated, of solves by vern9 with tolerances of 1e-12.
    const right = [-0.148955088, 0.152970465, -0.652937661, -1.260984549, 0.800893147, 6.359435585];
    expect(value).toBeCloseTo(0.83765344780235, 6);
    right.forEach((slope, j) => expect(flat.p![j]).toBeCloseTo(slope, 6));
  });
});
