/** Where a solve begins, an event takes place or the loss looks on a switch, a derivative to one side is not given without a word. */
import { describe, expect, it } from "vitest";
import { gradient, odeProblem, solveWithPullback } from "../../../index.ts";

const told = (warnings: readonly string[]): string[] =>
  warnings.flatMap(
    (warning) => /` switches at t = \S+, where (.*): there is a derivative to either side/.exec(warning)?.[1] ?? [],
  );

/** x = x0 + v t; y counts the time that x is above c, and z that behind the lag. */
const ramp = odeProblem({
  rhs(du, u, p, t) {
    du.x = p.v;
    du.y = u.x > p.c ? p.s : 0;
    du.z = t > p.lag ? 1 : 0;
  },
  u0: { x: 0, y: 0, z: 0 },
  tspan: [0, 3],
  p: { v: 1, c: 1, s: 2, lag: 0.7 },
});
const final = (u: { y: number }): number => u.y;

describe("a switch is told that lies", () => {
  it("where the solve begins, if what is asked by leads away from it", () => {
    const begins = { loss: { final }, u0: { x: 1, y: 0, z: 0 } };
    expect(told(gradient(ramp, begins).warnings)).toEqual(["the solve begins"]);
    expect(told(gradient(ramp, { ...begins, wrt: "u0" }).warnings)).toEqual(["the solve begins"]);
    // With a limit that nothing moves.
    const fixed = odeProblem({
      rhs(du, u, p) {
        du.x = p.v;
        du.y = u.x > 1 ? p.s : 0;
      },
      u0: { x: 1, y: 0 },
      tspan: [0, 3],
      p: { v: 1, s: 2 },
    });
    const still = gradient(fixed, { loss: { final } });
    expect([told(still.warnings), still.gradient.p!.s]).toEqual([[], expect.closeTo(3, 6)]);
    expect(told(gradient(fixed, { loss: { final }, wrt: "u0" }).warnings)).toEqual(["the solve begins"]);
  });

  it("where nothing jumps it is no matter", () => {
    const kink = odeProblem({
      rhs(du, u, p) {
        du.x = p.v;
        du.y = u.x > p.c ? u.x - p.c : 0;
      },
      u0: { x: 1, y: 0 },
      tspan: [0, 3],
      p: { v: 1, c: 1 },
    });
    expect(told(gradient(kink, { loss: { final }, wrt: ["p", "u0"] }).warnings)).toEqual([]);
  });

  it("where the loss sees the state", () => {
    const seen = (at: number[]): string[] => told(gradient(ramp, { loss: { at, of: (u) => u.y + u.z } }).warnings);
    expect([seen([0.5, 1, 2]), seen([0.5, 0.7, 2]), seen([0.5, 0.9, 2])]).toEqual([
      ["the loss sees the state"],
      ["the loss sees the state"],
      [],
    ]);
    expect(told(solveWithPullback(ramp, { saveat: [1, 2] }).plan.warnings)).toEqual(["the loss sees the state"]);
    expect(told(gradient(ramp, { loss: { at: [1, 2], of: (u) => u.y }, wrt: "u0" }).warnings)).toEqual([
      "the loss sees the state",
    ]);
  });

  it("where an event takes place, or leaves the state", () => {
    const kicked = (at: number, by: number): string[] => {
      const problem = odeProblem({
        rhs(du, u, p) {
          du.x = p.v;
          du.y = u.x > p.c ? p.s : 0;
        },
        u0: { x: 0, y: 0 },
        tspan: [0, 3],
        p: { v: 1, c: 1, s: 2, by },
        events: {
          at: [at],
          apply(u, p) {
            u.x += p.by;
          },
        },
      });
      return told(gradient(problem, { loss: { final } }).warnings);
    };
    expect([kicked(1, 0.5), kicked(0.5, 0.5), kicked(0.5, 0.25)]).toEqual([
      ["an event takes place"],
      ["an event leaves the state"],
      [],
    ]);
  });

  it("but where an event leaves the state on a switch whatever is changed, there is a derivative", () => {
    const ball = odeProblem({
      rhs(du, u, p) {
        du.x = u.v;
        du.v = -p.g;
        du.w = u.x > 0 ? 1 : -5;
      },
      u0: { x: 1, v: 0, w: 0 },
      p: { g: 2, e: 0.5 },
      tspan: [0, 1.5],
      events: {
        when: (u) => u.x,
        direction: "down",
        apply(u, p) {
          u.v *= -p.e;
        },
      },
    });
    const { warnings, value, gradient: g } = gradient(ball, { loss: { final: (u) => u.w + u.x } });
    expect(told(warnings)).toEqual([]);
    // It falls within a time of 1, and goes up again with e g T: x = e g T (t − T) − g (t − T)² / 2, T = √(2 / g).
    expect(value).toBeCloseTo(1.5 + 0.5 * 2 * 0.5 - 0.25, 5);
    expect(g.p!.e).toBeCloseTo(1, 5);
    const at = (gravity: number): number => {
      const T = Math.sqrt(2 / gravity);
      return 0.5 * gravity * T * (1.5 - T) - (gravity * (1.5 - T) ** 2) / 2;
    };
    expect(g.p!.g).toBeCloseTo((at(2 + 1e-5) - at(2 - 1e-5)) / 2e-5, 5);
  });
});
