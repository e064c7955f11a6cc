import { describe, expect, test } from "vitest";
import { gradient, gradientBatch, ndarray, odeProblem, rk4, solve, solveBatch, tsit5, vern7 } from "../../../index.ts";

/** An input that is on for half a unit of time in a hundred, from a time that a parameter tells. */
const pulsed = odeProblem({
  rhs: (u: { x: number }, p: { on: number; a: number; k: number }, t: number) => ({
    x: (t >= p.on && t < p.on + 0.5 ? p.a : 0) - p.k * u.x,
  }),
  u0: { x: 0 },
  tspan: [0, 30],
  p: { on: 20, a: 3, k: 0.1 },
});
const fixed = odeProblem({
  rhs: (u: { x: number }, p: { a: number; k: number }, t: number) => ({ x: (t > 20 && t <= 20.5 ? p.a : 0) - p.k * u.x }),
  u0: { x: 0 },
  tspan: [0, 30],
  p: { a: 3, k: 0.1 },
});
const after = (a: number, k: number, since: number): number => (a / k) * (1 - Math.exp(-k / 2)) * Math.exp(-k * (since - 0.5));
const two = ndarray(Float64Array.of(0, 1), [2, 1]);
const tight = { rtol: 1e-9, atol: 1e-9 };

describe("switching times in batches", () => {
  test.each([tsit5(), vern7()])("are each trajectory's own, by $name", async (solver) => {
    const rows = [3, 7.25, 20, 29, 40];
    const p = ndarray(Float64Array.from(rows.flatMap((on, m) => [on, 3 + m, 0.1])), [rows.length, 3]);
    const { u, warnings } = await solveBatch(pulsed, { p, saveat: [20.5, 30], solver, ...tight });
    rows.forEach((on, m) => {
      expect(u.get(m, 1, 0)).toBeCloseTo(on < 30 ? after(3 + m, 0.1, 30 - on) : 0, 7);
      expect(u.get(m, 0, 0)).toBeCloseTo(on <= 20 ? after(3 + m, 0.1, 20.5 - on) : 0, 7);
    });
    expect(warnings).toEqual([]);
  });

  test("backward in time, with shared parameters", async () => {
    const u0 = ndarray(Float64Array.of(0, 1, 2), [3, 1]);
    const { u } = await solveBatch(fixed, { u0, tspan: [22, 19], ...tight });
    for (let m = 0; m < 3; m++) {
      const alone = solve(fixed, { u0: { x: m }, tspan: [22, 19], saveat: [19], ...tight });
      expect(u.get(m, 0, 0)).toBeCloseTo(alone.u[0].x, 7);
    }
    expect(u.get(0, 0, 0)).toBeLessThan(-1.5);
  });

  test("in gradients: where no parameter moves them; one by one where one does", async () => {
    const p = ndarray(Float64Array.of(3, 0.1, 4, 0.2), [2, 2]);
    const loss = { at: [20.5, 25], of: (u: { x: number }) => u.x ** 2 };
    const batch = await gradientBatch(fixed, { p, loss, ...tight });
    for (let m = 0; m < 2; m++) {
      const alone = gradient(fixed, { p: { a: 3 + m, k: 0.1 + 0.1 * m }, loss, ...tight });
      expect(batch.values[m]).toBeCloseTo(alone.value, 7);
      alone.flat.p!.forEach((x, j) => expect((batch.p as typeof p).get(m, j)).toBeCloseTo(x, 5));
    }
    const moving = await gradientBatch(pulsed, { loss, u0: two, ...tight });
    expect(moving.plan.way).toBe("one by one");
    expect(moving.values[0]).toBeCloseTo(gradient(pulsed, { loss, ...tight }).value, 7);
  });

  test("maxStep, stops, and the longest step by default", async () => {
    const { steps } = await solveBatch(fixed, { maxStep: 0.25, p: ndarray(Float64Array.of(3, 0.1, 4, 0.2), [2, 2]) });
    for (const count of steps) expect(count).toBeGreaterThanOrEqual(120);
    const bell = odeProblem({
      rhs: (_u: number[], p: number[], t: number) => [p[0] * Math.exp(-(((t - 5.03) / 0.1) ** 2))],
      u0: [0],
      p: [1],
      tspan: [0, 10],
    });
    const p = ndarray(Float64Array.of(1, 2), [2, 1]);
    const { u } = await solveBatch(bell, { p });
    expect(u.get(1, 0, 0)).toBeCloseTo(0.2 * Math.sqrt(Math.PI), 4);
    const stopped = await solveBatch(fixed, { u0: two, stops: [10, 11], saveat: [30] });
    const alone = await solveBatch(fixed, { u0: two, saveat: [30] });
    expect(stopped.steps[0]).toBeGreaterThan(alone.steps[0]);
    await expect(solveBatch(fixed, { u0: two, maxStep: -1 })).rejects.toThrow("maxStep is -1");
  });

  test("steps of one length end there too", async () => {
    const solver = rk4({ dt: 0.03 });
    const { u, steps } = await solveBatch(fixed, { u0: two, solver, stops: [10], saveat: [20.5, 30] });
    expect(u.get(0, 1, 0)).toBeCloseTo(after(3, 0.1, 10), 8);
    for (const m of [0, 1]) {
      const alone = solve(fixed, { u0: { x: m }, solver, stops: [10], saveat: [20.5, 30], switches: "ignore" });
      expect(u.get(m, 1, 0)).toBeCloseTo(alone.u[1].x, 10);
    }
    expect(steps[0]).toBeGreaterThan(1000);
    const loss = { final: (state: { x: number }) => state.x };
    const { values, p } = await gradientBatch(fixed, { u0: two, solver, loss });
    expect(values[0]).toBeCloseTo(after(3, 0.1, 10), 8);
    expect(p.a).toBeCloseTo((2 / 3) * after(3, 0.1, 10), 7);
  });
});
