/** What of solves batches and ensembles take, too: some of the components, and the first step. */
import { describe, expect, it } from "vitest";
import {
  BadOption,
  gradientBatch,
  mean,
  ndarray,
  odeProblem,
  rk4,
  solve,
  solveBatch,
  solveEnsemble,
  tsit5,
} from "../../../index.ts";

const pairWith = (massMatrix?: number[][]) =>
  odeProblem({
    name: "pair",
    rhs(du, u: { x: number; v: number[] }, p: { k: number }) {
      du.x = u.v[0];
      du.v[0] = -p.k * u.x;
      du.v[1] = u.v[0] - 0.1 * u.v[1];
    },
    u0: { x: 1, v: [0, 2] },
    p: { k: 1 },
    tspan: [0, 3],
    ...(massMatrix && { massMatrix }),
  });
const pair = pairWith();
/** With stops it is for no kernel. */
const massive = pairWith([
  [1, 0, 0],
  [0, 1, 0],
  [0, 0, 1],
]);
const rates = [1, 2, 3];
const p = ndarray(Float64Array.from(rates), [3, 1]);
const common = { solver: tsit5(), rtol: 1e-6, saveat: [1, 2, 3] } as const;

describe("save", () => {
  it("keeps components in the order that they are named in, as solve does", async () => {
    const some = await solveBatch(pair, { ...common, p, save: ["v[1]", "x"] });
    const all = await solveBatch(pair, { ...common, p });
    expect(some.u.shape).toEqual([3, 3, 2]);
    for (let m = 0; m < 3; m++)
      for (let k = 0; k < 3; k++) for (const [i, c] of [2, 0].entries()) expect(some.u.get(m, k, i)).toBe(all.u.get(m, k, c));
    const alone = solve(pair, { ...common, p: { k: 2 }, save: ["v[1]", "x"] });
    expect(Math.abs(alone.states[2][0] - some.u.get(1, 2, 0))).toBeLessThan(1e-12);
  });

  it.each([
    ["kernels", pair, {}],
    ["one by one", massive, { stops: [1.5], rtol: 1e-8 }],
  ])("of ensembles, whose reducers see these alone: %s", async (way, problem, more) => {
    const options = { trajectories: 3, vary: (i: number) => ({ p: { k: rates[i] } }), saveat: [1, 2, 3], ...more };
    const some = await solveEnsemble(problem, { ...options, save: ["v"] });
    expect(some.plan.solved).toBe(way);
    expect([some.u!.shape, some.names]).toEqual([
      [3, 3, 2],
      ["v[0]", "v[1]"],
    ]);
    const whole = await solveEnsemble(problem, options);
    expect(some.u!.get(2, 1, 0)).toBe(whole.u!.get(2, 1, 1));
    const { reduced, names } = await solveEnsemble(problem, { ...options, save: ["x"], reduce: { average: mean() } });
    expect([reduced.average.shape, names]).toEqual([[3, 1], ["x"]]);
    expect(reduced.average.get(0, 0)).toBeCloseTo(
      rates.reduce((sum, k) => sum + Math.cos(Math.sqrt(k)) / 3, 0),
      4,
    );
  });

  it("of components that there are not is refused by name", async () => {
    await expect(solveBatch(pair, { p, save: ["y"] })).rejects.toThrow(/save: the state has no "y"/);
    await expect(solveEnsemble(pair, { trajectories: 1, save: [] })).rejects.toBeInstanceOf(BadOption);
  });
});

describe("firstStep", () => {
  it.each([1e-5, 0.4, 100])("of %d gives the steps of solve", async (firstStep) => {
    const { steps, u } = await solveBatch(pair, { ...common, p, firstStep });
    for (const [m, k] of rates.entries()) {
      const alone = solve(pair, { ...common, p: { k }, firstStep });
      expect(steps[m]).toBe(alone.stats.steps);
      expect(u.get(m, 2, 0)).toBeCloseTo(alone.states[2][0], 12);
    }
    expect([...steps]).not.toEqual([...(await solveBatch(pair, { ...common, p })).steps]);
  });

  it("backwards, too, and not of steps of one length", async () => {
    const tspan = [3, 0] as const;
    const { steps } = await solveBatch(pair, { solver: tsit5(), p, tspan, firstStep: 1e-5 });
    expect(steps[1]).toBe(solve(pair, { solver: tsit5(), p: { k: 2 }, tspan, saveat: [0], firstStep: 1e-5 }).stats.steps);
    expect([...(await solveBatch(pair, { solver: rk4({ dt: 0.5 }), p, firstStep: 1e-5 })).steps]).toEqual([6, 6, 6]);
  });

  it("is taken by ensembles and gradients, and refused where it is none", async () => {
    const one = await solveEnsemble(pair, { trajectories: 1, solver: tsit5(), firstStep: 1e-5 });
    expect(one.steps).toBe(solve(pair, { solver: tsit5(), saveat: [3], firstStep: 1e-5 }).stats.steps);
    const loss = { final: (u: { x: number }) => u.x };
    const { values } = await gradientBatch(pair, { p, loss, firstStep: 1e-5, rtol: 1e-8 });
    expect(values[0]).toBeCloseTo(Math.cos(3), 6);
    await expect(solveEnsemble(pair, { trajectories: 1, firstStep: -1 })).rejects.toThrow("firstStep is -1");
  });
});
