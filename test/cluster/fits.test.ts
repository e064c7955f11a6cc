/** Fits from many starts, and chains, on a cluster: the numbers of one thread. */
import { expect } from "vitest";
import { cluster } from "../../cluster/index.ts";
import { multiStart, observations, sample } from "../../training/index.ts";
import { BadOption } from "../../src/core/errors.ts";
import { data, oscillator } from "./modules/oscillator.ts";
import { clusterTest, startRedis, startWorker } from "./processes.ts";

const module = new URL("./modules/oscillator.ts", import.meta.url);
const starts = { starts: 6, parameters: { w: { bounds: [0.5, 6], prior: { normal: [2, 5] } } } } as const;

clusterTest("fits and chains", async () => {
  const { url } = await startRedis();
  await Promise.all([startWorker(url), startWorker(url)]);
  const device = cluster({ redis: url, problem: { module } });
  const told: number[] = [];
  const found = await multiStart(oscillator, data, { ...starts, cluster: device, onProgress: ({ done }) => told.push(done) });
  const here = await multiStart(oscillator, data, starts);
  expect(found.starts).toEqual(here.starts);
  expect(found.best).toEqual(here.best);
  expect(told).toEqual([1, 2, 3, 4, 5, 6]);

  const few = { parameters: { w: { start: 2 } }, chains: 3, warmup: 30, draws: 30 } as const;
  const drawn = await sample(oscillator, data, { ...few, cluster: device });
  expect(drawn.summary).toEqual((await sample(oscillator, data, few)).summary);

  const others = observations({ t: [0, 1, 2], values: { x: [1, 2, 3] } });
  const refused = await multiStart(oscillator, others, { ...starts, cluster: device }).catch((error: unknown) => error);
  expect(refused).toMatchObject({
    name: "BadData",
    message: expect.stringContaining("serves another problem or other data") as string,
  });
});

clusterTest("two places at once, and what is no cluster", async () => {
  const device = cluster({ problem: { module } });
  await expect(multiStart(oscillator, data, { ...starts, cluster: device, threads: 2 })).rejects.toThrow(BadOption);
  await expect(multiStart(oscillator, data, { ...starts, cluster: "redis://here" as never })).rejects.toThrow(BadOption);
});
