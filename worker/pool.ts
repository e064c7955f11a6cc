/** Jobs in several workers at a time. */
import type { WorkerConstructor, WorkerLike } from "../src/devices/worker-like.ts";
import type { Jobs, Work } from "../training/threads/threads.ts";
import { sendable } from "./methods.ts";
import { RemoteWorker } from "./remote-worker.ts";

/** The results, in the order of the jobs, whichever worker did them. The first that fails ends all. */
export async function inPool<Kind extends keyof Jobs>(
  { kind, jobs, signal, onResult, onProgress }: Work<Kind>,
  make: (Worker: WorkerConstructor) => WorkerLike,
  threads: number,
): Promise<Jobs[Kind]["result"][]> {
  signal?.throwIfAborted();
  const workers = Array.from({ length: threads }, () => new RemoteWorker(make));
  const end = (error: unknown): void => workers.forEach((worker) => worker.end(error));
  const abort = (): void => end(signal!.reason);
  signal?.addEventListener("abort", abort);
  const results: Jobs[Kind]["result"][] = [];
  let next = 0;
  const work = async (worker: RemoteWorker): Promise<void> => {
    while (next < jobs.length) {
      const i = next++;
      const request = { call: kind, options: posted(jobs[i]), values: {}, watched: onProgress !== undefined };
      const told = (progress: number): void => onProgress?.(i, progress);
      results[i] = (await worker.ask<Kind>(request as never, told as never)) as Jobs[Kind]["result"];
      onResult?.(results[i]);
    }
  };
  try {
    await Promise.all(workers.map(work));
    return results;
  } finally {
    signal?.removeEventListener("abort", abort);
    end(undefined);
  }
}

/** Without the signal, which is heard here. */
export function posted<Job extends Jobs[keyof Jobs]["job"]>(job: Job): Job {
  const { signal: _signal, ...model } = job.model;
  return { ...job, model: sendable(model) };
}
