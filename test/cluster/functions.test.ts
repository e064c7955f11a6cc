/** Losses and reducers go to workers by the names under which a module exports them. */
import { describe, expect, it } from "vitest";
import { CannotTravel, cluster } from "../../cluster/index.ts";
import { Names } from "../../cluster/problem/exports.ts";
import { postedTask, receivedTask } from "../../cluster/jobs/posted-task.ts";
import { gradientEnsemble, mean, solveEnsemble } from "../../index.ts";
import type { Reducer } from "../../ensemble/reducers/reducer.ts";
import { lotkaVolterra } from "../../problems/index.ts";
import decay, { largest, least, loss } from "./modules/decay-sums.ts";
import { clusterTest, startRedis, startWorker } from "./processes.ts";
import { taskOf } from "./ensemble.ts";

const module = "test/cluster/modules/decay-sums.ts";
const hash = "";

clusterTest("gradients of ensembles, and a reducer, a norm of the user's, give the numbers of one process", async () => {
  const { url } = await startRedis();
  await startWorker(url);
  const device = cluster({ redis: url, problem: { module: new URL("./modules/decay-sums.ts", import.meta.url) } });
  const options = { trajectories: 300, chunk: 64, vary: { "p.k": { uniform: [1, 2] } } } as const;
  const here = await gradientEnsemble(decay, { ...options, loss, over: "mean" });
  const there = await gradientEnsemble(decay, { ...options, loss, over: "mean", device });
  expect([there.value, there.p, there.u0, there.succeeded]).toEqual([here.value, here.p, here.u0, 300]);
  // The mean of d/dk exp(−k).
  expect(there.p.k).toBeCloseTo(Math.exp(-2) - Math.exp(-1), 2);

  const reduce = { least, average: mean() };
  const found = await solveEnsemble(decay, { ...options, reduce, norm: largest, device });
  const own = await solveEnsemble(decay, { ...options, reduce, norm: largest });
  expect(found.reduced.least).toEqual(own.reduced.least);
  expect(found.reduced.average.data).toEqual(own.reduced.average.data);
  expect(found.reduced.least.value).toBeCloseTo(Math.exp(-2), 2);
  expect(found.plan.solver).toBe("tsit5");
});

clusterTest("of a named problem they are those of another module", async () => {
  const { url } = await startRedis();
  await startWorker(url);
  const { problem } = lotkaVolterra();
  const device = cluster({ redis: url, problem: { name: "lotkaVolterra" }, functions: module });
  const options = { trajectories: 100, chunk: 64, reduce: { least }, vary: { "p.a": { uniform: [1, 2] } } } as const;
  const { reduced } = await solveEnsemble(problem, { ...options, device });
  expect(reduced.least).toEqual((await solveEnsemble(problem, options)).reduced.least);
});

describe("what workers cannot find", () => {
  const task = { ...taskOf(3), reducers: { most: { ...least } as Reducer } };

  it("is refused where no module is said, with what to say", async () => {
    const refused = postedTask(task, new Names(undefined));
    await expect(refused).rejects.toBeInstanceOf(CannotTravel);
    await expect(refused).rejects.toThrow(/reduce\.most is a function .*\(export const most = .* functions: new URL/);
  });

  it("is refused where the module does not export it, with what that exports", async () => {
    const other = { final: () => 0 };
    const refused = postedTask({ ...task, reducers: undefined, loss: other }, new Names({ module, hash }));
    await expect(refused).rejects.toThrow(/loss is none of the exports of ".*decay-sums\.ts" \(.*least.*\)\. Export it/);
  });

  it("a reducer that is made of one of the library's is the user's", async () => {
    const spread = { ...task, reducers: { most: { ...mean(), add: () => {} } as Reducer } };
    await expect(postedTask(spread, new Names(undefined))).rejects.toBeInstanceOf(CannotTravel);
  });

  it("goes there by its name and comes out the same; nothing is loaded for what is the library's", async () => {
    const names = new Names({ module, hash });
    await postedTask({ ...task, reducers: { average: mean() } }, names);
    expect(names.used).toBeUndefined();
    const posted = await postedTask({ ...task, reducers: { least: least as Reducer }, loss: loss as never }, names);
    expect([posted.reducers, posted.loss]).toEqual([{ least: { exported: "least" } }, { exported: "loss" }]);
    const received = receivedTask(structuredClone(posted), { least, loss });
    expect([received.reducers!.least, received.loss]).toEqual([least, loss]);
    expect(() => receivedTask(posted, { least })).toThrow(/exports no "loss"/);
  });
});
