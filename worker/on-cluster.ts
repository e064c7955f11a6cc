/** Jobs on other machines. */
import type { ClusterLike } from "../src/devices/cluster-like.ts";
import type { Jobs, Work } from "../training/threads/threads.ts";
import { posted } from "./pool.ts";

/** The results, in the order of the jobs, whoever did them. The first that fails ends all. */
export async function onCluster<Kind extends keyof Jobs>(
  { kind, problem, jobs, signal, onResult, onProgress }: Work<Kind>,
  cluster: ClusterLike,
): Promise<Jobs[Kind]["result"][]> {
  signal?.throwIfAborted();
  const session = await cluster.open({ kind, problem });
  const results: Jobs[Kind]["result"][] = [];
  let next = 0;
  const work = async (): Promise<void> => {
    while (next < jobs.length) {
      const index = next++;
      const told = (progress: number): void => onProgress?.(index, progress);
      results[index] = (await session.run({ index, own: posted(jobs[index]), signal, onProgress: told })) as Jobs[Kind]["result"];
      onResult?.(results[index]);
    }
  };
  try {
    await Promise.all(Array.from({ length: session.inFlight }, work));
    return results;
  } finally {
    await session.close();
  }
}
