/** Ensembles on a real Redis and real workers: nothing is lost, nothing counted twice, and the numbers are those of one process. */
import { expect } from "vitest";
import { cluster } from "../../cluster/index.ts";
import { inThisProcess, onCluster, reference } from "./ensemble.ts";
import { clusterTest, startRedis, startWorker } from "./processes.ts";

clusterTest("one worker gives the numbers of one process, and leaves nothing in Redis", async () => {
  const redis = await startRedis();
  await startWorker(redis.url);
  const runs: string[] = [];
  const device = cluster({ redis: redis.url, problem: reference, onRun: (run) => runs.push(run) });
  const found = await onCluster(device, 5000, 1000);
  expect(found).toEqual(await inThisProcess(5000, 1000));
  expect(found.succeeded).toBe(5000);
  expect(runs.length).toBe(1);
  const left = await redis.client.keys("*");
  expect(left.filter((key) => !/^odegrad:jobs:(meta|events|id|stalled-check|marker)$/.test(key))).toEqual([]);
});

clusterTest(
  "of three workers one is killed and Redis cut off: of a million trajectories all are there, once",
  async () => {
    const redis = await startRedis("--appendfsync", "everysec");
    const [first] = await Promise.all([1, 2, 3].map(() => startWorker(redis.url)));
    const device = cluster({ redis: redis.url, problem: reference, patience: 60 });
    const trajectories = 1_000_000;
    const size = 4096;
    let restarted: Promise<void> | undefined;
    const found = await onCluster(device, trajectories, size, {
      onMerge(index) {
        if (index === 80) first.process.kill("SIGKILL");
        if (index === 140) restarted = redis.restart();
      },
    });
    await restarted;
    expect(first.process.signalCode).toBe("SIGKILL");
    expect(found.counts.length).toBe(245);
    expect(found).toEqual(await inThisProcess(trajectories, size));
  },
  300_000,
);
