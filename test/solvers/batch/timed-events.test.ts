/** Events at given times in batches: each trajectory is what it is alone, and what its closed form says. */
import { describe, expect, test } from "vitest";
import { ndarray, odeProblem, periodic, solve, solveBatch, tsit5, type OdeProblem } from "../../../index.ts";
import type { Method } from "../../../solvers/step/method.ts";
import { batchable } from "./batchable.ts";

/** Doses into a body that eliminates them: the sum of what is left of each. */
const dosed = odeProblem({
  rhs: (u: { blood: number }, p: { k: number; dose: number; lag: number }) => ({ blood: -p.k * u.blood }),
  u0: { blood: 0 },
  tspan: [0, 10],
  p: { k: 0.3, dose: 2, lag: 0.5 },
  events: {
    at: (p: { lag: number }) => [p.lag, p.lag + 3, p.lag + 6],
    apply(u, p, _t, _constants, index) {
      u.blood += p.dose * (1 + index);
    },
  },
});
const rows = [
  [0.3, 2, 0.5],
  [0.1, 1, 0],
  [0.7, 3, 3.25],
  [0.2, 5, 20],
];
const p = ndarray(Float64Array.from(rows.flat()), [rows.length, 3]);

function left([k, dose, lag]: readonly number[], t: number): number {
  return [0, 1, 2].reduce((sum, i) => {
    const at = lag + 3 * i;
    return at < t && at < 10 ? sum + dose * (1 + i) * Math.exp(-k * (t - at)) : sum;
  }, 0);
}

function alone<U, P>(problem: OdeProblem<U, P>, options: object, solver: Method): ReturnType<typeof solve<U, P>> {
  return solve(problem, { switches: "ignore", solver, ...options });
}

describe("doses at times of each trajectory's own", () => {
  test.each(batchable)("%s: the closed form, and what each is alone", async (_name, solver) => {
    const saveat = [0, 0.5, 3.5, 4, 10];
    const tolerances = { rtol: 1e-9, atol: 1e-10 };
    const { u, outcomes } = await solveBatch(dosed, { p, saveat, solver, ...tolerances });
    expect(outcomes).toEqual(rows.map(() => "success"));
    rows.forEach((row, m) => {
      const [k, dose, lag] = row;
      const one = alone(dosed, { p: { k, dose, lag }, saveat, ...tolerances }, solver);
      saveat.forEach((t, i) => {
        const found = u.get(m, i, 0);
        expect(Math.abs(found - one.u[i].blood), `trajectory ${m} at ${t}`).toBeLessThan(1e-10);
        // Of controlled steps each errs by its tolerance at most, of states that do not exceed 6 doses, and what falls to rest does not amplify it.
        const controlled = one.stats.steps * (tolerances.atol + tolerances.rtol * 6 * dose);
        const within = solver.dt ? 0.01 ** solver.order * 30 + 1e-9 : controlled;
        expect(Math.abs(found - left(row, t)), `trajectory ${m} at ${t}`).toBeLessThan(within);
      });
    });
  });

  test("the steps are those of each alone", async () => {
    const batch = await solveBatch(dosed, { p, saveat: [10] });
    rows.forEach(([k, dose, lag], m) => {
      const { stats } = alone(dosed, { p: { k, dose, lag }, saveat: [10] }, tsit5());
      expect([batch.steps[m], batch.rejections[m]]).toEqual([stats.steps, stats.rejected]);
    });
  });
});

test("several at one time take place in their order, one at the start too, and backwards in time", async () => {
  const several = odeProblem({
    rhs: (u: number[], p: number[]) => [-p[0] * u[0], p[0] * u[0]],
    u0: [1, 0],
    tspan: [0, 2],
    p: [0.5],
    events: [
      { at: [0, 1, 1], apply: (u: number[]) => void (u[0] = 2 * u[0] + u[1]) },
      { at: [1], apply: (u: number[], _p: number[], t: number) => void (u[0] += t) },
    ],
  });
  const u0 = ndarray(Float64Array.of(1, 0, 2, 1, 3, 5), [3, 2]);
  for (const tspan of [
    [0, 2],
    [2, -1],
  ] as const) {
    const saveat = [tspan[0], 1, tspan[1]];
    const batch = await solveBatch(several, { u0, tspan, saveat });
    for (let m = 0; m < 3; m++) {
      const one = alone(several, { u0: [u0.get(m, 0), u0.get(m, 1)], tspan, saveat }, tsit5());
      saveat.forEach((_, k) => [0, 1].forEach((i) => expect(batch.u.get(m, k, i)).toBeCloseTo(one.u[k][i], 10)));
    }
  }
});

test("an event that changes parameters, and a right-hand side that switches at its time", async () => {
  const harvested = odeProblem({
    rhs: (u: { fish: number }, p: { growth: number; catch: number }, t: number) => ({
      fish: p.growth * u.fish * (1 - u.fish) - p.catch * u.fish + (t > 4 ? 0.1 : 0),
    }),
    u0: { fish: 0.5 },
    tspan: [0, 10],
    p: { growth: 1, catch: 0.6 },
    events: periodic({
      every: 4,
      from: 4,
      apply(_u, p: { growth: number; catch: number }) {
        p.catch /= 2;
      },
    }),
  });
  const own = ndarray(Float64Array.of(1, 0.6, 1.5, 0.2), [2, 2]);
  const batch = await solveBatch(harvested, { p: own, saveat: [4, 5, 10], rtol: 1e-9 });
  expect(batch.u.shape).toEqual([2, 3, 1]);
  for (let m = 0; m < 2; m++) {
    const parameters = { growth: own.get(m, 0), catch: own.get(m, 1) };
    const one = alone(harvested, { p: parameters, saveat: [4, 5, 10], rtol: 1e-9 }, tsit5());
    [0, 1, 2].forEach((k) => expect(batch.u.get(m, k, 0)).toBeCloseTo(one.u[k].fish, 8));
  }
});

test("one whose event leaves the finite numbers ends there, and disturbs no other", async () => {
  const divided = odeProblem({
    rhs: (u: number[]) => [-u[0]],
    u0: [1],
    tspan: [0, 2],
    p: [1],
    events: { at: [1], apply: (u: number[], p: number[]) => void (u[0] /= p[0]) },
  });
  const { outcomes, u } = await solveBatch(divided, { p: ndarray(Float64Array.of(2, 0, 1), [3, 1]), saveat: [0.5, 2] });
  expect(outcomes).toEqual(["success", "nonFinite", "success"]);
  expect(u.get(1, 0, 0)).toBeCloseTo(Math.exp(-0.5), 5);
  expect(u.get(1, 1, 0)).toBeNaN();
  expect(u.get(2, 1, 0)).toBeCloseTo(Math.exp(-2), 5);
});
