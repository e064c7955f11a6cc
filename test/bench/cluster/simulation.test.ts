/** The model of a cluster, where its numbers are known. */
import { describe, expect, it } from "vitest";
import { EventQueue } from "../../../bench/cluster/event-queue.ts";
import { mostWorkers, simulated, smallestChunk, type SimulatedCluster } from "../../../bench/cluster/simulation.ts";
import { uniforms } from "../../../src/core/random.ts";

const plain: SimulatedCluster = {
  workers: 10,
  jobs: 1000,
  inFlight: 320,
  redis: 0,
  program: 0,
  worker: 0,
  compute: 1,
  spread: 0,
  life: Infinity,
  restart: 5,
  recovery: [10, 20],
  seed: 1,
};

describe("the model", () => {
  it("takes jobs / workers times a job where nothing else takes time", () => {
    expect(simulated(plain)).toEqual({ seconds: 100, efficiency: 1, deaths: 0, merged: 1000, redis: 0, program: 0 });
    expect(simulated({ ...plain, worker: 0.25 }).seconds).toBe(125);
  });

  it("is as fast as Redis, or the program, where there are more workers than it feeds", () => {
    const costs = { redis: 0.01, program: 0.002, worker: 0, compute: 1 };
    expect(mostWorkers(costs)).toBe(100);
    const many = simulated({ ...plain, ...costs, workers: 400, jobs: 10_000, inFlight: 12_800 });
    expect(many.redis).toBeGreaterThan(0.98);
    expect(many.seconds).toBeCloseTo(10_000 * 0.01, -1);
    const few = simulated({ ...plain, ...costs, workers: 50, jobs: 10_000, inFlight: 1600 });
    expect(few.efficiency).toBeGreaterThan(0.96);
  });

  it("loses nothing and counts nothing twice when workers die, and is the same in every run", () => {
    const dying = { ...plain, workers: 100, jobs: 20_000, inFlight: 3200, spread: 0.3, life: 200 };
    const run = simulated(dying);
    expect(run).toEqual(simulated(dying));
    expect(run).not.toEqual(simulated({ ...dying, seed: 2 }));
    // One in 200 s of each of 100 workers.
    expect(run.deaths / (run.seconds / 2)).toBeGreaterThan(0.8);
    expect(run.deaths / (run.seconds / 2)).toBeLessThan(1.2);
    expect(run.merged).toBe(20_000);
  });

  it("waits for jobs whose workers died where few are under way", () => {
    const dying = { ...plain, workers: 100, jobs: 20_000, life: 2000 };
    const [few, many] = [4, 32].map((perWorker) => simulated({ ...dying, inFlight: 100 * perWorker }));
    expect(many.efficiency).toBeGreaterThan(0.9);
    expect(few.efficiency).toBeLessThan(0.75 * many.efficiency);
  });
});

it("the smallest chunk is one of which the rest takes the part that is asked for", () => {
  expect(smallestChunk({ redis: 0.5e-3, program: 1e-3, worker: 0.5e-3, compute: 0 }, 1e-5, 0.05)).toBe(4000);
});

it("events happen in their order", () => {
  const uniform = uniforms(3);
  const events = new EventQueue();
  const times = Array.from({ length: 500 }, () => Math.floor(uniform() * 100));
  const seen: number[] = [];
  for (const t of times) events.push(t, () => seen.push(t));
  for (let k = 0; k < times.length; k++) events.next();
  expect(seen).toEqual(times.toSorted((a, b) => a - b));
});
