/** Events of the state in batches: each trajectory is what it is alone, and what its closed form says. */
import { describe, expect, test } from "vitest";
import { ndarray, odeProblem, rk4, solve, solveBatch, tsit5 } from "../../../index.ts";
import { batchable } from "./batchable.ts";

const ball = odeProblem({
  rhs: (u: { height: number; speed: number }, p: { gravity: number; restitution: number }) => ({
    height: u.speed,
    speed: -p.gravity,
  }),
  u0: { height: 1, speed: 0 },
  tspan: [0, 2],
  p: { gravity: 9.81, restitution: 0.8 },
  events: {
    when: (u) => u.height,
    direction: "down",
    apply(u, p) {
      u.speed *= -p.restitution;
    },
  },
});
const rows = [
  [9.81, 0.8],
  [1.62, 0.5],
  [25, 0.9],
  [0.1, 0.7],
];
const p = ndarray(Float64Array.from(rows.flat()), [rows.length, 2]);

/** Of a ball that is dropped from 1: its height. */
function heightAt([g, r]: readonly number[], t: number): number {
  let [start, speed] = [-Math.sqrt(2 / g), Math.sqrt(2 * g)];
  for (;;) {
    const next = start + (2 * speed) / g;
    if (t <= next) return speed * (t - start) - (g / 2) * (t - start) ** 2;
    [start, speed] = [next, r * speed];
  }
}

describe("bounces", () => {
  test.each(batchable)("%s: the closed form, and what each is alone", async (name, solver) => {
    // Methods of order 2 and more follow a parabola to rounding, but fbdf begins at order 1.
    const within = name === "fbdf" ? 1e-5 : 1e-8;
    const saveat = [0.3, 1, 2];
    const { u, outcomes } = await solveBatch(ball, { p, saveat, solver });
    expect(outcomes).toEqual(rows.map(() => "success"));
    rows.forEach((row, m) => {
      const [gravity, restitution] = row;
      const alone = solve(ball, { p: { gravity, restitution }, saveat, solver, switches: "ignore" });
      saveat.forEach((t, k) => {
        expect(Math.abs(u.get(m, k, 0) - alone.u[k].height), `${m} at ${t}`).toBeLessThan(1e-10);
        if (solver.order > 1) expect(Math.abs(u.get(m, k, 0) - heightAt(row, t)), `${m} at ${t}`).toBeLessThan(within);
      });
    });
  });

  test("the steps are those of each alone", async () => {
    const batch = await solveBatch(ball, { p });
    rows.forEach(([gravity, restitution], m) => {
      const { stats } = solve(ball, { p: { gravity, restitution }, saveat: [2], solver: tsit5(), switches: "ignore" });
      expect([batch.steps[m], batch.rejections[m]]).toEqual([stats.steps, stats.rejected]);
    });
  });

  test("that come ever closer end the trajectory by name", async () => {
    const { outcomes, ends } = await solveBatch(ball, { p, tspan: [0, 10] });
    // They add up at √(2 / g) (1 + r) / (1 - r).
    expect(outcomes).toEqual(["endlessEvents", "endlessEvents", "endlessEvents", "success"]);
    [0, 1, 2].forEach((m) => {
      const [g, r] = rows[m];
      expect(ends[m]).toBeCloseTo((Math.sqrt(2 / g) * (1 + r)) / (1 - r), 5);
    });
  });
});

test("one that is terminal ends its trajectory, with the state behind it", async () => {
  const growth = odeProblem({
    rhs: (u: number[], k: number[]) => [k[0] * u[0]],
    u0: [1],
    p: [1],
    tspan: [0, 3],
    events: [
      { when: (u: number[]) => u[0] - 2, apply: (u: number[]) => void (u[0] += 1) },
      { when: (u: number[]) => u[0] - 5, direction: "up", terminal: true, apply: (u: number[]) => void (u[0] = -u[0]) },
    ],
  });
  const ks = [1, 0.1, 2];
  const batch = await solveBatch(growth, { p: ndarray(Float64Array.from(ks), [3, 1]), saveat: [0.2, 3], rtol: 1e-9 });
  expect(batch.outcomes).toEqual(["success", "success", "success"]);
  expect([...batch.endedBy!]).toEqual([1, -1, 1]);
  ks.forEach((k, m) => {
    const end = k === 0.1 ? 3 : (Math.log(2) + Math.log(5 / 3)) / k;
    expect(batch.ends[m]).toBeCloseTo(end, 8);
    expect(batch.final!.get(m, 0)).toBeCloseTo(k === 0.1 ? Math.exp(0.3) : -5, 7);
    expect(batch.u.get(m, 0, 0)).toBeCloseTo(Math.exp(k * 0.2), 8);
    if (k !== 0.1) expect(batch.u.get(m, 1, 0)).toBeNaN();
  });
});

test("conditions on the time, in both directions, that meet at once, jump, or are met where an event at a given time is", async () => {
  const mixed = odeProblem({
    rhs: (u: number[], k: number[], t: number) => [k[0] * Math.cos(3 * t), u[0] - 0.3 * u[1]],
    u0: [0, 1],
    p: [1, 0.7],
    tspan: [0, 4],
    events: [
      {
        when: (u: number[]) => u[0] - 0.1,
        direction: "up",
        apply: (u: number[], _k, _t, _c, index) => void (u[1] += 0.1 * (1 + index)),
      },
      { when: (_u: number[], k: number[], t: number) => t - k[1], apply: (u: number[]) => void (u[1] *= 0.5) },
      { when: (_u: number[], k: number[], t: number) => 2 * (t - k[1]), apply: (u: number[]) => void (u[1] += 3) },
      { at: (k: number[]) => [k[1], 3], apply: (u: number[]) => void (u[1] -= 1) },
      { when: (u: number[]) => Math.sign(u[1] - 1.4), apply: (u: number[], _k, _t, _c, index) => void (u[0] += 0.01 * index) },
    ],
  });
  const ks = [
    [1, 0.7],
    [0.5, 2.1],
    [2, 0],
  ];
  for (const solver of [tsit5(), rk4({ dt: 0.05 })]) {
    const saveat = [1, 2.5, 4];
    const batch = await solveBatch(mixed, { p: ndarray(Float64Array.from(ks.flat()), [3, 2]), saveat, solver });
    ks.forEach((k, m) => {
      const alone = solve(mixed, { p: k, saveat, solver, switches: "ignore" });
      expect([batch.steps[m], batch.rejections[m]]).toEqual([alone.stats.steps, alone.stats.rejected]);
      saveat.forEach((_, i) => [0, 1].forEach((c) => expect(batch.u.get(m, i, c)).toBeCloseTo(alone.u[i][c], 9)));
    });
  }
});

test("a condition that is not a number ends its trajectory, and disturbs no other", async () => {
  const root = odeProblem({
    rhs: (u: number[]) => [-1 - 0 * u[0]],
    u0: [1],
    p: [1],
    tspan: [0, 1.5],
    events: { when: (u: number[], k: number[]) => Math.sqrt(u[0] + k[0]) - 10 },
  });
  const { outcomes } = await solveBatch(root, { p: ndarray(Float64Array.of(1, 0), [2, 1]) });
  expect(outcomes).toEqual(["success", "nonFinite"]);
});
