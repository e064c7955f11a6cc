/** Chunks of a small ensemble, by a cluster or in this process. */
import { runChunk } from "../../ensemble/chunks/run-chunk.ts";
import { chunkAt, chunksOf, type ChunkResult } from "../../ensemble/chunks/chunk.ts";
import { inOrder } from "../../ensemble/chunks/in-order.ts";
import type { Task } from "../../ensemble/chunks/task.ts";
import { variance } from "../../ensemble/reducers/variance.ts";
import { lotkaVolterra } from "../../problems/index.ts";
import { tsit5 } from "../../solvers/methods/tsit5.ts";
import type { ClusterJob, ClusterLike } from "../../src/devices/cluster-like.ts";

export const reference = { name: "lotkaVolterra" };
export const { problem } = lotkaVolterra();

/** Predators and prey, for one parameter and one initial state that are drawn. */
export function taskOf(trajectories: number): Task {
  const members: Task["members"] = {
    trajectories,
    base: { u0: Float64Array.of(1, 1), p: Float64Array.of(1.5, 1, 3, 1), tspan: [0, 2] },
    seed: 7,
    draws: [
      { of: "p", at: 0, distribution: "uniform", numbers: [1, 2] },
      { of: "u0", at: 1, distribution: "lognormal", numbers: [0, 0.1] },
    ],
  };
  return { members, times: Float64Array.of(1, 2), settings: { solver: tsit5(), rtol: 1e-6 }, reducers: { spread: variance() } };
}

export interface Merged {
  /** How many each chunk told of, in the order that they were merged in. */
  readonly counts: readonly number[];
  readonly succeeded: number;
  readonly spread: Float64Array;
}

/** Ends the cluster's session in any case. */
export async function onCluster(
  device: ClusterLike,
  trajectories: number,
  size: number,
  options: Pick<ClusterJob, "signal"> & { readonly onMerge?: (index: number) => void } = {},
): Promise<Merged> {
  const task = taskOf(trajectories);
  const session = await device.open({ kind: "chunk", problem, shared: task });
  const { signal, onMerge } = options;
  try {
    return await merged(task, trajectories, size, session.inFlight, onMerge, (index) => {
      const chunk = chunkAt(index, trajectories, size);
      return session.run({ index, own: chunk, size: chunk.count, signal }) as Promise<ChunkResult>;
    });
  } finally {
    await session.close();
  }
}

export async function inThisProcess(trajectories: number, size: number): Promise<Merged> {
  const task = taskOf(trajectories);
  return merged(task, trajectories, size, 1, undefined, (index) => runChunk(problem, task, chunkAt(index, trajectories, size)));
}

async function merged(
  { reducers, times }: Task,
  trajectories: number,
  size: number,
  inFlight: number,
  onMerge: ((index: number) => void) | undefined,
  run: (index: number) => Promise<ChunkResult>,
): Promise<Merged> {
  const saved = { t: times, names: ["prey", "predator"] };
  const { spread } = reducers!;
  const state = spread.begin(saved);
  const counts: number[] = [];
  let succeeded = 0;
  await inOrder<ChunkResult>({
    chunks: chunksOf(trajectories, size),
    inFlight,
    run,
    merge(result, index) {
      counts[result.chunk] = result.succeeded + result.failures.length;
      succeeded += result.succeeded;
      spread.merge(state, result.parts!.spread);
      onMerge?.(index);
    },
  });
  return { counts, succeeded, spread: state };
}
