/** Events of the state beside decisions of the right-hand side: steps that are dropped for one are not seen by the other. */
import { describe, expect, it } from "vitest";
import { gradient, odeProblem, solve } from "../../../index.ts";
import { oneOfEachFamily } from "../../tables.ts";

/** x = sin t, v = cos t; y grows while x is above c. */
const swing = (event: object) =>
  odeProblem({
    rhs(du, u, p) {
      du.x = u.v;
      du.v = -u.x;
      du.y = u.x > p.c ? 1 : 0;
    },
    u0: { x: 0, v: 1, y: 0 },
    tspan: [0, 7],
    p: { b: -0.9, c: 0.4 },
    events: { when: (u: { v: number }, p: { b: number }) => u.v - p.b, ...event } as never,
  });

describe.each([undefined, ...oneOfEachFamily])("an event that is met in one direction, beside a decision (%#)", (solver) => {
  // Down through -0.9, and up again.
  const [down, up] = [Math.acos(-0.9), 2 * Math.PI - Math.acos(-0.9)];

  it.each([
    ["up", [up]],
    ["down", [down]],
    ["both", [down, up]],
  ] as const)("%s: takes place where its condition is zero, and there alone", (direction, times) => {
    for (const rtol of [1e-3, 1e-5, 1e-7]) {
      const { events } = solve(swing({ direction, apply: () => {} }), { solver, rtol });
      expect(events.map(({ t }) => t)).toEqual(times.map((t) => expect.closeTo(t, 1)));
      for (const { before } of events) expect((before as { v: number }).v).toBeCloseTo(-0.9, 10);
      expect(solve(swing({ direction, terminal: true }), { solver, rtol }).terminated!.t).toBeCloseTo(times[0], 1);
    }
  });
});

it("a kink is no jump, however small what changes there", () => {
  const falling = odeProblem({
    rhs(du, u, p) {
      du.x = -p.a;
      du.y = p.s * Math.max(0, -u.x);
    },
    u0: { x: 1, y: 0 },
    tspan: [0, 3],
    p: { a: 0.7, s: 2 },
  });
  // y = s a (3 - 1/a)² / 2.
  for (const solver of [undefined, ...oneOfEachFamily]) {
    const options = { solver, adjoint: "dual", loss: { final: (u: { y: number }) => u.y }, rtol: 1e-7, atol: 1e-9 } as const;
    const { value, gradient: g, warnings } = gradient(falling, options);
    expect(value).toBeCloseTo(0.7 * (3 - 1 / 0.7) ** 2, 5);
    expect(g.p!.a).toBeCloseTo((3 - 1 / 0.7) ** 2 + (2 / 0.7) * (3 - 1 / 0.7), 4);
    expect(warnings).toEqual([]);
  }
});
