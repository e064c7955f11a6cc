/** Programs and workers that end in the middle. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { expect, onTestFinished } from "vitest";
import { BadResume, cluster } from "../../cluster/index.ts";
import { aliveKey, runKey } from "../../cluster/redis/names.ts";
import { inThisProcess, onCluster, reference } from "./ensemble.ts";
import { clusterTest, root, said, startRedis, startWorker, type RunningRedis } from "./processes.ts";

/** How many events there were of each kind. */
async function eventsOf({ client }: RunningRedis): Promise<Record<string, number>> {
  const counts: Record<string, number> = {};
  for (const [, fields] of await client.xrange("odegrad:jobs:events", "-", "+")) {
    const event = fields[fields.indexOf("event") + 1];
    counts[event] = (counts[event] ?? 0) + 1;
  }
  return counts;
}

/** The keys of all results that are written from now on, as they are. */
async function writtenTo({ client }: RunningRedis): Promise<string[]> {
  const written: string[] = [];
  const monitor = await client.monitor();
  onTestFinished(() => monitor.disconnect());
  monitor.on("monitor", (_time: string, [command, key]: string[]) => {
    if (command.toLowerCase() === "set" && key.startsWith("odegrad:results:")) written.push(key);
  });
  return written;
}

async function until(holds: () => Promise<boolean>): Promise<void> {
  while (!(await holds())) await new Promise((resolve) => setTimeout(resolve, 100));
}

/** A program that was killed when it had merged some; returns its run. */
async function killedProgram(url: string, trajectories: number, size: number): Promise<string> {
  const path = "test/cluster/programs/dies.ts";
  const program = spawn(process.execPath, ["--import", "tsx", path, url, `${trajectories}`, `${size}`], {
    cwd: root,
    stdio: ["ignore", "pipe", "inherit"],
  });
  onTestFinished(() => void program.kill("SIGKILL"));
  const text = await said(program, "stdout", /merged 12\b/);
  program.kill("SIGKILL");
  await once(program, "exit");
  return /run (\S+)/.exec(text)![1];
}

clusterTest("a killed program is resumed, and nothing is done twice", async () => {
  const redis = await startRedis();
  const written = await writtenTo(redis);
  await startWorker(redis.url);
  const run = await killedProgram(redis.url, 60_000, 1000);
  expect(await redis.client.ttl(runKey(run))).toBeGreaterThan(80_000);
  const kept = await redis.client.keys(`odegrad:results:${run}*`);
  expect(kept.length).toBeGreaterThan(12);
  expect(await redis.client.ttl(kept[0])).toBeGreaterThan(80_000);

  const resumed = cluster({ redis: redis.url, problem: reference, resume: run });
  await expect(onCluster(resumed, 50_000, 1000)).rejects.toThrow(BadResume);
  expect(await onCluster(resumed, 60_000, 1000)).toEqual(await inThisProcess(60_000, 1000));
  expect(written.length).toBe(60);
  expect(new Set(written).size).toBe(60);
  expect(await redis.client.keys("odegrad:r*")).toEqual([]);
  // It ended.
  await expect(onCluster(resumed, 60_000, 1000)).rejects.toThrow(`Redis has no run "${run}"`);
});

clusterTest("workers leave the jobs of a program that is dead for long", async () => {
  const redis = await startRedis();
  await startWorker(redis.url);
  const run = await killedProgram(redis.url, 2_000_000, 20_000);
  const alive = aliveKey(run);
  expect(await redis.client.ttl(alive)).toBeGreaterThan(0);
  // As when its time is over.
  await redis.client.del(alive);
  await until(
    async () => (await redis.client.llen("odegrad:jobs:wait")) + (await redis.client.llen("odegrad:jobs:active")) === 0,
  );
  const results = await redis.client.keys(`odegrad:results:${run}*`);
  expect(results.length).toBeLessThan(100);
});

clusterTest("an abort takes the jobs back, and the worker goes on with others", async () => {
  const redis = await startRedis();
  const { process: worker } = await startWorker(redis.url);
  const device = cluster({ redis: redis.url, problem: reference });
  const controller = new AbortController();
  const aborted = onCluster(device, 2_000_000, 20_000, {
    signal: controller.signal,
    onMerge: (index) => void (index === 1 && controller.abort(new Error("enough"))),
  });
  await expect(aborted).rejects.toThrow("enough");
  expect(await redis.client.llen("odegrad:jobs:wait")).toBe(0);
  await until(async () => (await redis.client.llen("odegrad:jobs:active")) === 0);
  expect(await redis.client.keys("odegrad:r*")).toEqual([]);
  expect((await onCluster(device, 1000, 1000)).succeeded).toBe(1000);
  expect(worker.exitCode).toBe(null);
});

clusterTest("a worker that is asked to end finishes its chunk first", async () => {
  const redis = await startRedis();
  const first = await startWorker(redis.url);
  const found = onCluster(cluster({ redis: redis.url, problem: reference }), 200_000, 20_000, {
    onMerge: (index) => void (index === 1 && first.process.kill("SIGTERM")),
  });
  const [code] = (await once(first.process, "exit")) as [number];
  expect(code).toBe(0);
  expect(first.said()).toContain("Ends when the jobs at hand are done");
  const { active, completed, stalled, failed } = await eventsOf(redis);
  expect(completed).toBe(active);
  expect([stalled, failed]).toEqual([undefined, undefined]);
  await startWorker(redis.url);
  expect((await found).succeeded).toBe(200_000);
});
