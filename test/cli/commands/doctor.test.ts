import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, expect, it, vi } from "vitest";
import { wasmFindings } from "../../../cli/doctor/engine.ts";
import { gpuFindings } from "../../../cli/doctor/gpu.ts";
import { packageFindings } from "../../../cli/doctor/packages.ts";
import { peerFindings } from "../../../cli/doctor/peers.ts";
import { redisFindings } from "../../../cli/doctor/redis.ts";
import type { Finding } from "../../../cli/doctor/finding.ts";
import { clusterTest, freePort, startRedis, startWorker } from "../../cluster/processes.ts";
import { json, odegrad, temporaryFolder } from "../run.ts";

afterEach(() => vi.unstubAllEnvs());

it("tells of engine, WebAssembly, GPU, packages and peers", () => {
  const found = json<Record<string, Finding[]>>("doctor");
  expect(Object.keys(found)).toEqual(["engine", "WebAssembly", "GPU", "packages", "Redis", "peers of benchmarks"]);
  expect(found.engine[0]).toEqual({ name: "Node", value: process.version });
  for (const { name, value } of Object.values(found).flat()) {
    expect(name).not.toBe("");
    expect(value).not.toBe("");
  }
  const { status, stdout } = odegrad("doctor");
  expect(status).toBe(0);
  expect(stdout).toMatch(/^ {2}Node +v\d/m);
});

it("compiled code needs SIMD, which is there", () => {
  expect(wasmFindings()[0]).toEqual({ name: "SIMD", value: "yes" });
});

function probe(text: string): string {
  const path = join(temporaryFolder(), "probe.mjs");
  writeFileSync(path, text);
  return path;
}

clusterTest("Redis is told of, with what it loses, or how to start one", async () => {
  const none = await redisFindings(`redis://127.0.0.1:${await freePort()}`);
  expect(none).toEqual([
    { name: expect.any(String), value: "none", remedy: expect.stringContaining("redis-server --appendonly yes") },
  ]);
  const { url, client } = await startRedis("--maxmemory-policy", "allkeys-lru");
  await client.config("SET", "appendonly", "no");
  const [redis, log, policy, workers] = await redisFindings(url);
  expect(redis).toEqual({ name: url, value: expect.stringMatching(/^version \d/) });
  expect(log).toMatchObject({ name: "appendonly", value: "no", remedy: expect.stringContaining("CONFIG SET appendonly yes") });
  expect(policy).toMatchObject({ value: "allkeys-lru", remedy: expect.stringContaining("noeviction") });
  expect(workers).toMatchObject({ value: "none", remedy: expect.stringContaining(`odegrad worker --redis ${url}`) });
  await startWorker(url, "--concurrency", "3");
  expect((await redisFindings(url)).at(-1)).toEqual({ name: "workers' threads", value: "3" });
});

it("a driver that crashes is told of", () => {
  const [finding] = gpuFindings(probe("process.abort()"));
  expect(finding).toMatchObject({ name: "adapter", value: expect.stringMatching(/crashed \(SIGABRT\)/) });
  expect(finding.remedy).toMatch(/device: "cpu"/);
});

it("a driver that hangs is not waited for", () => {
  const [finding] = gpuFindings(probe("for (;;);"), 500);
  expect(finding).toMatchObject({ name: "adapter", value: "no answer within 0.5 s" });
});

it("where there is no adapter, the reason is the remedy", () => {
  const text = `console.error("driver: noise"); class NoGpu extends Error { get name() { return "NoGpu"; } } throw new NoGpu("Install a driver.");`;
  expect(gpuFindings(probe(text))).toEqual([{ name: "adapter", value: "none", remedy: "Install a driver." }]);
});

it("an adapter comes with its limits", () => {
  const report = { adapter: "Card 7", software: true, limits: { maxBufferSize: 1024 } };
  expect(gpuFindings(probe(`console.log(${JSON.stringify(JSON.stringify(report))})`))).toEqual([
    { name: "adapter", value: 'Card 7 (software: slower than device "cpu")' },
    { name: "maxBufferSize", value: "1024" },
  ]);
});

it("says how to install packages", () => {
  const all = packageFindings("/nowhere/at/all");
  expect(all.map(({ name }) => name)).toEqual(["webgpu", "@observablehq/plot", "@resvg/resvg-js", "bullmq", "ioredis", "tsx"]);
  for (const { name, value, remedy } of all) {
    expect(value).toBe("not installed");
    expect(remedy).toContain(`npm install ${name}`);
  }
  for (const { value, remedy } of packageFindings()) {
    expect(value).toMatch(/^\d+\.\d+\.\d+/);
    expect(remedy).toBeUndefined();
  }
});

it("says where peers are looked for", () => {
  vi.stubEnv("SUNDIALS", "/nowhere");
  vi.stubEnv("PATH", "/nowhere");
  const [compiler, , sundials] = peerFindings();
  expect(compiler).toMatchObject({ value: "none", remedy: expect.stringContaining("build-essential") });
  expect(sundials).toMatchObject({ value: "none in /nowhere", remedy: expect.stringContaining("SUNDIALS") });
});
