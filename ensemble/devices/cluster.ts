/** Other machines: each chunk is a job. */
import type { ClusterLike } from "../../src/devices/cluster-like.ts";
import { CannotBatch } from "../../src/core/errors.ts";
import type { ChunkResult } from "../chunks/chunk.ts";
import type { Opening } from "./device.ts";

/** Throws {@link CannotBatch} for gradients, and what opening the cluster's session throws. */
export const ofCluster =
  (cluster: ClusterLike): Opening =>
  async ({ verb, problem, task }) => {
    if (verb !== "solveEnsemble")
      throw new CannotBatch(`${verb}: a loss is a function, which does not go to a cluster. Take another device.`);
    const session = await cluster.open({ kind: "chunk", problem, shared: task });
    return {
      inFlight: session.inFlight,
      run: (chunk, watched) =>
        session.run({ index: chunk.index, own: chunk, size: chunk.count, ...watched }) as Promise<ChunkResult>,
      close: () => session.close(),
    };
  };
