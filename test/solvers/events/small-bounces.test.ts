/** Bounces too small to be seen beside rounding: what comes back that soon does not go on through. */
import { describe, expect, it } from "vitest";
import { EndlessEvents, odeProblem, radauIIA5, solve, tsit5, vern7 } from "../../../index.ts";

const ball = odeProblem({
  rhs(du, u, p) {
    du.height = u.speed;
    du.speed = -p.g;
    du.bounces = 0;
  },
  u0: { height: 1, speed: 0, bounces: 0 },
  p: { g: 10, ground: 0, kept: -0.5 },
  tspan: [0, 1],
  events: {
    when: (u, p) => u.height - p.ground,
    direction: "down",
    apply(u, p) {
      u.speed *= p.kept;
      u.bounces += 1;
    },
  },
});

/** From one unit above the ground. */
const dropped = (unit: number, ground: number, kept: number): object => ({
  u0: { height: (ground + 1) * unit, speed: 0, bounces: 0 },
  p: { g: 10 * unit, ground: ground * unit, kept },
});

const solvers = [tsit5(), vern7(), radauIIA5()].map((solver) => ({ solver, name: solver.name }));

describe.each(solvers)("by $name", ({ solver }) => {
  it.each([1e-12, 1, 1e12])("a ball that hardly bounces does not fall through the ground: units of %s", (unit) => {
    for (const ground of [0, 1, 1000]) {
      for (const kept of [-1e-3, -1e-6, -1e-7, -1e-8, -1e-9]) {
        const fall = (): unknown => solve(ball, { solver, ...dropped(unit, ground, kept) });
        expect(fall, `ground ${ground}, ${-kept} of the speed kept`).toThrow(EndlessEvents);
      }
    }
  });

  it.each([1e-12, 1, 1e12])("what is slowed down, or stopped, goes on through, once: units of %s", (unit) => {
    const t = Math.sqrt(2 / 10);
    for (const ground of [0, 1, 1000]) {
      for (const kept of [0.5, 1e-3, 1e-9, 0]) {
        const { height, speed, bounces } = solve(ball, { solver, ...dropped(unit, ground, kept) }).u.at(-1)!;
        expect(bounces, `ground ${ground}, ${kept} of the speed kept`).toBe(1);
        expect(speed / unit).toBeCloseTo(-10 * (t * kept + 1 - t), 4);
        expect(height / unit - ground).toBeCloseTo(-10 * t * kept * (1 - t) - 5 * (1 - t) ** 2, 4);
      }
    }
  });
});

it("back in time, too", () => {
  const back = { tspan: [1, 0] as const, p: { g: 10, ground: 1, kept: -1e-8 }, u0: { height: 2, speed: 0, bounces: 0 } };
  expect(() => solve(ball, { solver: tsit5(), ...back })).toThrow(EndlessEvents);
});
