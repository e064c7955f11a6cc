/** Fits and chains in several workers of Node at a time. */
import { describe, expect, it } from "vitest";
import { odeProblem, vern7 } from "../../index.ts";
import { inWorker, type WorkerConstructor, type WorkerLike } from "../../worker/index.ts";
import { lbfgs, multiStart, observations, sample, type MultiStartOptions } from "../../training/index.ts";

const inModule =
  (module: string) =>
  (Worker: WorkerConstructor): WorkerLike =>
    new Worker(new URL(module, import.meta.url), { type: "module" });
const worker = inModule("./modules/oscillator.js");

/** Those of the module. */
const t = Array.from({ length: 21 }, (_, i) => i / 4);
const values = { x: t.map((at) => Math.cos(2 * at) + 0.05 * Math.sin(37 * at)) };
const data = observations({ t, values });
const stated = (power: number) =>
  odeProblem({
    name: "oscillator",
    rhs(du, u, p, _t, { k }) {
      du.x = u.v;
      du.v = -(p.w ** k) * u.x;
    },
    u0: { x: 1, v: 0 },
    tspan: [0, 5],
    p: { w: 3 },
    constants: { k: power },
  });
const oscillator = stated(2);
const options: MultiStartOptions = {
  starts: 6,
  parameters: { w: { bounds: [0.5, 6], prior: { normal: [2, 5] } } },
  solver: vern7(),
  rtol: 1e-7,
};

describe("several workers", () => {
  it("fit from many starts with the same numbers as this thread, however many they are", async () => {
    const told: number[] = [];
    const here = await multiStart(oscillator, data, options);
    const alone = await multiStart(oscillator, data, { ...options, worker, threads: 1 });
    const several = await multiStart(oscillator, data, {
      ...options,
      worker,
      threads: 3,
      onProgress: ({ done }) => told.push(done),
    });
    expect(here.best.p.w).toBeCloseTo(2, 1);
    for (const found of [alone, several]) {
      expect(found.starts).toEqual(here.starts);
      expect(found.best).toEqual(here.best);
    }
    expect(told).toEqual([1, 2, 3, 4, 5, 6]);
  });

  it("draw the chains of this thread", async () => {
    const few = {
      parameters: { w: { start: 2 } },
      chains: 3,
      warmup: 30,
      draws: 20,
      seed: 5,
      sigma: { x: { lognormal: [-3, 1] } },
    } as const;
    const here = await sample(oscillator, data, few);
    let last = 0;
    const several = await sample(oscillator, data, {
      ...few,
      worker,
      threads: 2,
      onProgress: ({ transitions, of }) => (last = transitions / of),
    });
    expect([...several.draws.data]).toEqual([...here.draws.data]);
    expect(several.evaluations).toBe(here.evaluations);
    expect(last).toBe(1);
  });

  it("hear an abort", async () => {
    const controller = new AbortController();
    const aborted = multiStart(oscillator, data, {
      ...options,
      worker,
      threads: 2,
      signal: controller.signal,
      onProgress: () => controller.abort(new Error("enough")),
    });
    await expect(aborted).rejects.toThrow("enough");
  });

  it("refuse other data, another problem, and a module without data", async () => {
    const others = observations({ t, values: { x: [...values.x.slice(0, 20), 1] } });
    await expect(multiStart(oscillator, others, { ...options, worker })).rejects.toThrow(
      /^serveFit: the module of the worker serves another problem or other data: data there: 21 observations of 1 experiments, number/,
    );
    await expect(multiStart(stated(3), data, { ...options, worker })).rejects.toThrow("misfit at the start there: ");
    await expect(multiStart(oscillator, data, { ...options, worker: inModule("./modules/ball.js") })).rejects.toThrow(
      "serves a problem without data",
    );
  });

  it("are asked for with what they need", async () => {
    await expect(multiStart(oscillator, data, { ...options, threads: 2 })).rejects.toThrow("functions cannot be sent to threads");
    await expect(sample(oscillator, data, { threads: 2 })).rejects.toThrow("functions cannot be sent to threads");
    await expect(multiStart(oscillator, data, { ...options, worker, optimiser: lbfgs() })).rejects.toThrow(
      "an optimiser cannot be sent",
    );
  });

  it("answer `inWorker`, too", async () => {
    const remote = inWorker<typeof oscillator>(worker);
    const { u } = await remote.solve({ p: { w: 1 }, rtol: 1e-9, atol: 1e-9, saveat: [5] });
    expect(u[0].x).toBeCloseTo(Math.cos(5), 7);
    remote.close();
  });
});
