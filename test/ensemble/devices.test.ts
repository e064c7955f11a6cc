import { describe, expect, it } from "vitest";
import { auto } from "../../ensemble/devices/auto.ts";
import type { Work } from "../../ensemble/devices/device.ts";
import { runChunk } from "../../ensemble/chunks/run-chunk.ts";
import type { Chunk } from "../../ensemble/chunks/chunk.ts";
import type { Task } from "../../ensemble/chunks/task.ts";
import { BadOption, gradientEnsemble, mean, odeProblem, rk4, solveEnsemble, type OdeProblem } from "../../index.ts";
import type { ClusterLike, ClusterJob } from "../../src/devices/cluster-like.ts";

const decay = odeProblem({
  rhs: (du, u: { x: number }, p: { k: number }) => {
    du.x = -p.k * u.x;
  },
  u0: { x: 1 },
  p: { k: 1 },
  tspan: [0, 1],
});
const vary = { "p.k": { uniform: [1, 2] } } as const;

describe("a cluster", () => {
  /** Does the jobs here, the later ones first; tells what it did. */
  function backwards(done: string[]): ClusterLike {
    return {
      name: "cluster",
      open: ({ problem, shared }) =>
        Promise.resolve({
          inFlight: 3,
          async run({ own, index }: ClusterJob) {
            await new Promise((resolve) => setTimeout(resolve, 30 * (3 - (index % 3))));
            const result = await runChunk(problem, shared as Task, own as Chunk);
            done.push(String(index));
            return result;
          },
          close: () => Promise.resolve(void done.push("closed")),
        }),
    };
  }

  it("gets the chunks as jobs, and what they end with is merged in their order, to the same bits", async () => {
    const done: string[] = [];
    const options = { trajectories: 55, chunk: 10, vary, reduce: { average: mean() }, seed: 4 };
    const here = await solveEnsemble(decay, options);
    const there = await solveEnsemble(decay, { ...options, device: backwards(done) });
    expect(there.reduced.average.data).toEqual(here.reduced.average.data);
    expect(there.succeeded).toBe(55);
    expect(done.at(-1)).toBe("closed");
    expect(done.slice(0, 3)).toEqual(["2", "1", "0"]);
  });

  it("is closed where a chunk fails", async () => {
    const done: string[] = [];
    const broken = { ...mean(), add: () => { throw new Error("no"); } }; // prettier-ignore
    await expect(
      solveEnsemble(decay, { trajectories: 9, chunk: 3, vary, reduce: { broken }, device: backwards(done) }),
    ).rejects.toThrow(/reduce\.broken threw/);
    expect(done).toContain("closed");
  });

  it("gets the chunks of gradients, too", async () => {
    const of = { trajectories: 55, chunk: 10, vary, loss: { final: (u: { x: number }) => u.x } };
    const here = await gradientEnsemble(decay, of);
    const there = await gradientEnsemble(decay, { ...of, device: backwards([]) });
    expect([there.value, there.p]).toEqual([here.value, here.p]);
  });

  it("has to be said which", async () => {
    const refused = solveEnsemble(decay, { trajectories: 1, device: "cluster" as never });
    await expect(refused).rejects.toBeInstanceOf(BadOption);
    await expect(solveEnsemble(decay, { trajectories: 1, device: 3 as never })).rejects.toThrow(/device is 3/);
  });
});

describe("auto", () => {
  it("takes the processor where all of it is short, and says so", async () => {
    const { plan } = await solveEnsemble(decay, { trajectories: 10, vary, device: "auto" });
    expect(plan.device).toBe("cpu");
    expect(plan.reasons[0]).toMatch(/^"cpu", as all of it takes .* s there by a measurement\.$/);
  });

  it("measures where it is long, and says why others are left out", async () => {
    const task: Task = {
      members: {
        trajectories: 10_000_000,
        base: { u0: Float64Array.of(1), p: Float64Array.of(1), tspan: [0, 1] },
        seed: 1,
        draws: [],
      },
      times: Float64Array.of(1),
      settings: { solver: rk4({ dt: 0.1 }), precision: "f64" },
    };
    const problem = decay as unknown as OdeProblem;
    const work: Work = {
      problem,
      task,
      bytes: 1024,
      job: (chunk, where) => runChunk(problem, task, chunk, where),
      sample: (count) => ({ index: 0, first: 0, count }),
    };
    const { why } = await auto(work);
    expect(why).toMatch(/^"(cpu|threads)", by \d+ trajectories: each takes .* µs on "cpu", .* µs on "threads"/);
    expect(why).toMatch(/"webgpu" is left out: f64 is asked for/);
  });
});
