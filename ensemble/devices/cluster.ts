/** Other machines: each chunk is a job. */
import type { ClusterLike } from "../../src/devices/cluster-like.ts";
import type { ChunkResult } from "../chunks/chunk.ts";
import type { Opening } from "./device.ts";

/** Throws what opening the cluster's session throws. */
export const ofCluster =
  (cluster: ClusterLike): Opening =>
  async ({ problem, task, bytes }) => {
    const session = await cluster.open({ kind: "chunk", problem, shared: task, bytes });
    return {
      inFlight: session.inFlight,
      run: (chunk, watched) =>
        session.run({ index: chunk.index, own: chunk, size: chunk.count, ...watched }) as Promise<ChunkResult>,
      close: () => session.close(),
    };
  };
