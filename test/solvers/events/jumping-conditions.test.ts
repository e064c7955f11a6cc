/** Events whose condition jumps over zero, as a phase that is wrapped: a change of its sign counts there, too, and what comes later is met. */
import { describe, expect, it } from "vitest";
import { odeProblem, solve } from "../../../index.ts";
import { oneOfEachFamily } from "../../tables.ts";

const turn = 0.7;
const middles = [0, 1, 2, 3, 4, 5, 6].map((k) => (k + 0.5) / turn);
const wraps = [1, 2, 3, 4, 5, 6].map((k) => k / turn);
const expected = { up: middles, down: wraps, both: [...middles, ...wraps].sort((a, b) => a - b) } as const;

describe.each(oneOfEachFamily)("$name", (solver) => {
  it.each(["up", "down", "both"] as const)("a phase, %s", (direction) => {
    const turning = odeProblem({
      rhs: (u: number[]) => [turn, Math.sin(u[0]) - u[1]],
      u0: [0, 0],
      tspan: [0, 9.9],
      events: { when: (u: number[]) => (u[0] % 1) - 0.5, direction },
    });
    const times = solve(turning, { solver, rtol: 1e-8, atol: 1e-8 }).events.map(({ t }) => t);
    expect(times.length).toBe(expected[direction].length);
    times.forEach((t, k) => expect(t).toBeCloseTo(expected[direction][k], 6));
  });

  it.each([1, 0.5, 0.1, 0.3, 0.7])("nothing takes place behind the end, where it jumps there: %s", (rate) => {
    const last = odeProblem({
      rhs: (u: number[], _p: unknown, _t: number, { rate: by }: { rate: number }) => [by, Math.sin(u[0]) - u[1]],
      u0: [0, 0],
      tspan: [0, 1 / rate],
      constants: { rate },
      events: { when: (u: number[]) => (u[0] % 1) - 0.5, direction: "down" },
    });
    const { t, events } = solve(last, { solver });
    expect(t.at(-1)).toBe(1 / rate);
    for (const event of events) expect(event.t).toBeLessThanOrEqual(1 / rate);
  });

  it("a condition that is 1 or -1, and a state that is set back", () => {
    const filling = odeProblem({
      rhs: () => [1],
      u0: [0],
      tspan: [0, 3.5],
      events: {
        when: (u: number[]) => (u[0] > 1 ? 1 : -1),
        apply(u: number[]) {
          u[0] -= 1;
        },
      },
    });
    const { events, states } = solve(filling, { solver });
    expect(events.length).toBe(3);
    expect(states.at(-1)![0]).toBeCloseTo(0.5, 6);
  });
});
