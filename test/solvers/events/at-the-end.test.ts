/** Events at the end of the span: those at given times belong to the span that comes next, those of the state that is met there to this one. */
import { expect, test } from "vitest";
import { ndarray, odeProblem, solve, solveBatch } from "../../../index.ts";

const dosed = odeProblem({
  rhs: (u: number[], p: number[]) => [-p[0] * u[0]],
  u0: [1],
  p: [0.5],
  tspan: [0, 4],
  events: { at: [0, 1, 2], apply: (u: number[]) => void (u[0] += 1) },
});

test("a solve in parts is one in a piece, wherever it is cut", async () => {
  const whole = solve(dosed, { saveat: [4], rtol: 1e-10, atol: 1e-12 }).u[0][0];
  const exact = [0, 1, 2].reduce((sum, t) => sum + Math.exp(-0.5 * (4 - t)), Math.exp(-2));
  expect(whole).toBeCloseTo(exact, 8);
  for (const cut of [1, 1.5, 2]) {
    const first = solve(dosed, { tspan: [0, cut], saveat: [cut], rtol: 1e-10, atol: 1e-12 });
    const [end] = first.u;
    const rest = solve(dosed, { u0: end, tspan: [cut, 4], saveat: [4], rtol: 1e-10, atol: 1e-12 });
    expect(rest.u[0][0]).toBeCloseTo(whole, 8);
    expect(first.events.length + rest.events.length).toBe(3);
    const u0 = ndarray(Float64Array.of(1, 1), [2, 1]);
    const batch = await solveBatch(dosed, { u0, tspan: [0, cut], rtol: 1e-10, atol: 1e-12 });
    expect(batch.u.get(1, 0, 0)).toBeCloseTo(end[0], 8);
  }
});

test("a condition that is met at the end of the span is an event there", async () => {
  const falling = odeProblem({
    rhs: () => [-1],
    u0: [1],
    tspan: [0, 1],
    events: { when: (u: number[]) => u[0], apply: (u: number[]) => void (u[0] = 7) },
  });
  const { events } = solve(falling);
  expect(events.length).toBe(1);
  expect(events[0].t).toBeCloseTo(1, 14);
  const more = { ...falling, tspan: [1, 2] as const };
  expect(solve(more, { u0: [0] }).events).toEqual([]);
});
