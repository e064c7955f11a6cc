/** What a chunk costs beside its computing, measured on a real Redis and a real worker. */
import { join } from "node:path";
import { cluster } from "../../cluster/index.ts";
import type { GivenProblem } from "../../cluster/problem/reference.ts";
import { runChunk } from "../../ensemble/chunks/run-chunk.ts";
import { chunkAt, chunksOf, type ChunkResult } from "../../ensemble/chunks/chunk.ts";
import { inOrder } from "../../ensemble/chunks/in-order.ts";
import type { Task } from "../../ensemble/chunks/task.ts";
import { variance } from "../../ensemble/reducers/variance.ts";
import { packageRoot } from "../../node/package-root.ts";
import { lorenz } from "../../problems/index.ts";
import { rk4 } from "../../solvers/methods/rk4.ts";
import { tsit5 } from "../../solvers/methods/tsit5.ts";
import { pack } from "../../src/arrays/pack.ts";
import type { OdeProblem } from "../../src/problem/problem.ts";
import { startedCluster, type ProcessorSeconds } from "./processes.ts";

export interface Ensemble {
  readonly problem: OdeProblem;
  readonly reference: GivenProblem;
  readonly task: Task;
  readonly size: number;
}

/** Lorenz systems that differ by rho, reduced to mean and variance at so many times, or with their states kept. */
export function lorenzEnsemble(trajectories: number, size: number, tEnd: number, kept?: { readonly times: number }): Ensemble {
  const { problem } = lorenz({ tEnd });
  const base = { u0: pack(problem.layout.u, problem.u0, "u0"), p: pack(problem.layout.p, problem.p, "p"), tspan: problem.tspan };
  const draws = [{ of: "p", at: 1, distribution: "uniform", numbers: [20, 30] }] as const;
  const times = Float64Array.from({ length: kept?.times ?? 10 }, (_, k) => (tEnd * (k + 1)) / (kept?.times ?? 10));
  const reducers = kept ? undefined : { spread: variance() };
  const task = { members: { trajectories, base, seed: 1, draws }, times, settings: { solver: tsit5(), rtol: 1e-6 }, reducers };
  return { problem: problem as OdeProblem, reference: { name: "lorenz", options: { tEnd } }, task, size };
}

/** Jobs that sleep, one trajectory each. */
export async function sleepingEnsemble(jobs: number): Promise<Ensemble> {
  const module = join(packageRoot(), "bench", "cluster", "sleeping.mjs");
  const { default: problem } = (await import(module)) as { default: OdeProblem };
  const base = { u0: Float64Array.of(1), p: new Float64Array(), tspan: [0, 1] } as const;
  const task = {
    members: { trajectories: jobs, base, seed: 1, draws: [] },
    times: Float64Array.of(1),
    settings: { solver: rk4({ dt: 1 }) },
  };
  return { problem, reference: { module }, task, size: 1 };
}

/** Seconds, of the wall. */
export async function onCluster(url: string, { problem, reference, task, size }: Ensemble): Promise<number> {
  const { trajectories } = task.members;
  const session = await cluster({ redis: url, problem: reference, patience: 60 }).open({ kind: "chunk", problem, shared: task });
  const began = performance.now();
  const { reducers, times } = task;
  const state = reducers?.spread.begin({ t: times, names: ["x", "y", "z"] });
  try {
    await inOrder<ChunkResult>({
      chunks: chunksOf(trajectories, size),
      inFlight: session.inFlight,
      run(index) {
        const chunk = chunkAt(index, trajectories, size);
        return session.run({ index, own: chunk, size: chunk.count }) as Promise<ChunkResult>;
      },
      merge({ parts }) {
        if (state) reducers!.spread.merge(state, parts!.spread);
      },
    });
    return (performance.now() - began) / 1000;
  } finally {
    await session.close();
  }
}

/** Seconds of the processor, and of the wall, for a chunk in this process. */
export async function computing(
  { problem, task, size }: Ensemble,
  turns: number,
): Promise<{ readonly processor: number; readonly wall: number }> {
  await runChunk(problem, task, chunkAt(0, size, size));
  const [began, before] = [performance.now(), process.cpuUsage()];
  for (let turn = 0; turn < turns; turn++) await runChunk(problem, task, chunkAt(0, size, size));
  const { user, system } = process.cpuUsage(before);
  return { processor: (user + system) / 1e6 / turns, wall: (performance.now() - began) / 1e3 / turns };
}

/** Seconds of processors that a job takes, in each process. */
export async function costOf(ensemble: Ensemble): Promise<ProcessorSeconds> {
  const running = await startedCluster(1);
  try {
    // What is compiled at the first chunk, and connections.
    const few = { ...ensemble.task.members, trajectories: 4 * ensemble.size };
    await onCluster(running.url, { ...ensemble, task: { ...ensemble.task, members: few } });
    const before = await running.spent();
    await onCluster(running.url, ensemble);
    const after = await running.spent();
    const jobs = chunksOf(ensemble.task.members.trajectories, ensemble.size);
    const each = (name: keyof ProcessorSeconds): number => (after[name] - before[name]) / jobs;
    return { redis: each("redis"), program: each("program"), workers: each("workers") };
  } finally {
    await running.end();
  }
}
