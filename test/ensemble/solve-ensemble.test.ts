import { describe, expect, it } from "vitest";
import {
  mean,
  ndarray,
  odeProblem,
  rk4,
  rodas5P,
  solveBatch,
  solveEnsemble,
  variance,
  BadOption,
  UnknownDevice,
  UnknownOption,
} from "../../index.ts";

/** Its solution is x0 exp(−k t). */
const decay = odeProblem({
  name: "decay",
  rhs: (du, u: { x: number }, p: { k: number }) => {
    du.x = -p.k * u.x;
  },
  u0: { x: 1 },
  p: { k: 1 },
  tspan: [0, 1],
});

const M = 50;
const k = (i: number): number => 0.5 + i / M;
const vary = (i: number) => ({ p: { k: k(i) } });
const saveat = [0, 0.5, 1];

describe("states", () => {
  it("are the solution's, with times and names", async () => {
    const { u, t, names, succeeded, failures, plan } = await solveEnsemble(decay, { trajectories: M, vary, saveat, rtol: 1e-9 });
    expect(u!.shape).toEqual([M, 3, 1]);
    expect([...t]).toEqual(saveat);
    expect(names).toEqual(["x"]);
    expect([succeeded, failures]).toEqual([M, []]);
    expect(plan).toMatchObject({ device: "cpu", precision: "f64", chunks: 1, solved: "kernels" });
    for (let i = 0; i < M; i++) for (let j = 0; j < 3; j++) expect(u!.get(i, j, 0)).toBeCloseTo(Math.exp(-k(i) * saveat[j]), 8);
  });

  it("are those of a batch, to the bit, however it is cut", async () => {
    const p = ndarray(
      Float64Array.from({ length: M }, (_, i) => k(i)),
      [M, 1],
    );
    const batch = await solveBatch(decay, { p, saveat });
    for (const chunk of [1, 7, M, 1000]) {
      const { u, plan } = await solveEnsemble(decay, { trajectories: M, vary, saveat, chunk });
      expect(u!.data).toEqual(batch.u.data);
      expect(plan.chunks).toBe(Math.ceil(M / chunk));
    }
  });

  it("are at the end by default, of trajectories that are alike too", async () => {
    const { u, t } = await solveEnsemble(decay, { trajectories: 3, u0: { x: 2 }, p: { k: 3 }, tspan: [0, 2] });
    expect([...t]).toEqual([2]);
    for (let i = 0; i < 3; i++) expect(u!.get(i, 0, 0)).toBeCloseTo(2 * Math.exp(-6), 6);
  });

  it("are at the end by default, of each trajectory its own, in kernels and one by one", async () => {
    const ends = [1, 2, 3];
    const spans = { trajectories: 3, vary: (i: number) => ({ tspan: [0.5, 0.5 + ends[i]] as [number, number] }), rtol: 1e-9 };
    const bounded = odeProblem({
      rhs: (du, u: { x: number; z: number }) => {
        du.x = -u.x;
        du.z = u.z + u.x;
      },
      u0: { x: 1, z: -1 },
      p: { k: 1 },
      tspan: [0, 1],
      massMatrix: { x: 1, z: 0 },
      events: { when: (u) => u.x + 1, apply() {} },
    });
    for (const [problem, solved] of [
      [decay, "kernels"],
      [bounded, "one by one"],
    ] as const) {
      const { u, t, plan } = await solveEnsemble(problem, spans);
      expect(plan.solved).toBe(solved);
      expect([...t]).toEqual([NaN]);
      ends.forEach((span, i) => expect(u!.get(i, 0, 0)).toBeCloseTo(Math.exp(-span), 7));
    }
  });

  it("begin where a function of p says, or vary", async () => {
    const following = odeProblem({
      rhs: (du, u: { x: number }, p: { k: number }) => {
        du.x = -p.k * u.x;
      },
      u0: (p: { k: number }) => ({ x: p.k }),
      p: { k: 1 },
      tspan: [0, 1],
    });
    const options = { trajectories: 2, saveat: [0] };
    const followed = await solveEnsemble(following, { ...options, vary: (i) => ({ p: { k: i + 2 } }) });
    expect([...followed.u!.data]).toEqual([2, 3]);
    const given = await solveEnsemble(following, {
      ...options,
      vary: (i) => ({ p: { k: i + 2 }, ...(i === 0 && { u0: { x: 7 } }) }),
    });
    expect([...given.u!.data]).toEqual([7, 3]);
  });
});

describe("one by one", () => {
  it("is what kernels cannot do, and the plan says why", async () => {
    const many = odeProblem({
      name: "many",
      rhs: (du, u: Float64Array, p: { k: number }) => {
        for (let i = 0; i < u.length; i++) du[i] = -p.k * u[i];
      },
      u0: new Float64Array(17).fill(1),
      p: { k: 1 },
      tspan: [0, 1],
    });
    const { u, plan } = await solveEnsemble(many, { trajectories: 5, vary, solver: rodas5P(), rtol: 1e-9 });
    for (let i = 0; i < 5; i++) expect(u!.get(i, 0, 16)).toBeCloseTo(Math.exp(-k(i)), 7);
    expect(plan.solved).toBe("one by one");
    expect(String(plan)).toMatch(/One by one: many has 17 components/);
  });

  it("takes time spans of its own", async () => {
    const vary = (i: number) => ({ tspan: [i / 4, 1] as const });
    const { u, plan } = await solveEnsemble(decay, { trajectories: 3, vary, rtol: 1e-9 });
    expect(plan.solved).toBe("kernels");
    for (let i = 0; i < 3; i++) expect(u!.get(i, 0, 0)).toBeCloseTo(Math.exp(i / 4 - 1), 8);
  });
});

describe("reduced", () => {
  it("mean and variance are those of the states", async () => {
    const { u } = await solveEnsemble(decay, { trajectories: M, vary, saveat });
    const { reduced, u: none } = await solveEnsemble(decay, {
      trajectories: M,
      vary,
      saveat,
      chunk: 8,
      reduce: { average: mean(), spread: variance() },
    });
    expect(none).toBeUndefined();
    expect(reduced.average.shape).toEqual([3, 1]);
    for (let j = 0; j < 3; j++) {
      const column = Array.from({ length: M }, (_, i) => u!.get(i, j, 0));
      const average = column.reduce((sum, x) => sum + x, 0) / M;
      expect(reduced.average.get(j, 0)).toBeCloseTo(average, 12);
      expect(reduced.spread.get(j, 0)).toBeCloseTo(column.reduce((sum, x) => sum + (x - average) ** 2, 0) / (M - 1), 12);
    }
  });

  it("by distributions is the same however it is cut, and another one with another seed", async () => {
    const of = async (chunk: number, seed = 1) => {
      const vary = { "p.k": { uniform: [1, 2] as const }, "u0.x": { normal: [1, 0.1] as const } };
      const { u } = await solveEnsemble(decay, { trajectories: 20, chunk, seed, vary });
      return [...u!.data];
    };
    expect(await of(3)).toEqual(await of(20));
    expect(await of(20, 2)).not.toEqual(await of(20));
  });
});

describe("failures", () => {
  /** x' = x ** 2 from x0 is infinite at 1 / x0. */
  const explosion = odeProblem({
    rhs: (du, u: { x: number }, p: { k: number }) => {
      du.x = p.k * u.x ** 2;
    },
    u0: { x: 1 },
    p: { k: 1 },
    tspan: [0, 1],
  });

  it("are told with index, reason and time; the others finish", async () => {
    const options = {
      trajectories: 6,
      vary: (i: number) => ({ p: { k: i === 2 ? 4 : i === 4 ? NaN : 0.5 } }),
      chunk: 4,
    };
    const { u, failures, succeeded, reasons } = await solveEnsemble(explosion, options);
    expect(succeeded).toBe(4);
    expect(failures).toEqual([
      { index: 2, reason: expect.stringMatching(/stepUnderflow|nonFinite/) as string, t: expect.closeTo(0.25, 6) as number },
      { index: 4, reason: "badInput", t: 0 },
    ]);
    expect(Object.values(reasons)).toEqual([1, 1]);
    expect(Array.from({ length: 6 }, (_, i) => Number.isNaN(u!.get(i, 0, 0)))).toEqual([false, false, true, false, true, false]);
    const { reduced } = await solveEnsemble(explosion, { ...options, reduce: { average: mean() } });
    expect(reduced.average.get(0, 0)).toBeCloseTo(2, 5);
  });

  it("one by one likewise", async () => {
    const { failures } = await solveEnsemble(explosion, {
      trajectories: 2,
      vary: (i) => ({ p: { k: i === 1 ? 4 : 0.5 } }),
      solver: rodas5P(),
    });
    expect(failures).toEqual([{ index: 1, reason: expect.any(String) as string, t: expect.closeTo(0.25, 4) as number }]);
  });
});

describe("work that takes long", () => {
  it("tells how far it is, and how long it will take", async () => {
    const told: { done: number; of: number; secondsLeft: number }[] = [];
    await solveEnsemble(decay, { trajectories: 10, chunk: 5, vary, onProgress: (progress) => told.push(progress) });
    expect(told.at(-1)).toEqual({ done: 10, of: 10, secondsLeft: 0 });
    expect(told.map(({ done }) => done)).toEqual(told.map(({ done }) => done).toSorted((a, b) => a - b));
    expect(told.some(({ done, secondsLeft }) => done === 5 && secondsLeft > 0)).toBe(true);
  });

  it("stops where a signal says", async () => {
    const controller = new AbortController();
    const reason = new Error("enough");
    const running = solveEnsemble(decay, {
      trajectories: 1e6,
      chunk: 10,
      vary,
      signal: controller.signal,
      onProgress: () => controller.abort(reason),
    });
    await expect(running).rejects.toBe(reason);
  });
});

describe("refused by name", () => {
  it.each([
    ["too many trajectories", { trajectories: 2 ** 60 }, BadOption, /more than an index can count/],
    ["none", { trajectories: 0 }, BadOption, /positive whole number/],
    ["no number of trajectories", {}, BadOption, /trajectories/],
    ["an unknown option", { trajectories: 1, seeds: 3 }, UnknownOption, /seed/],
    ["an unknown device", { trajectories: 1, device: "abacus" }, UnknownDevice, /abacus/],
  ])("%s", async (_, options, Refusal, message) => {
    const refused = expect(solveEnsemble(decay, options as never)).rejects;
    await refused.toBeInstanceOf(Refusal);
    await expect(solveEnsemble(decay, options as never)).rejects.toThrow(message);
  });
});

it("steps of one length are taken too", async () => {
  const { u, plan } = await solveEnsemble(decay, { trajectories: M, vary, solver: rk4({ dt: 0.01 }) });
  expect(plan.solved).toBe("kernels");
  expect(u!.get(3, 0, 0)).toBeCloseTo(Math.exp(-k(3)), 8);
});
