/** Jobs in several workers at a time. */
import { WorkerPool } from "../src/workers/worker-pool.ts";
import type { WorkerConstructor, WorkerLike } from "../src/workers/worker-like.ts";
import type { Jobs, Work } from "../training/threads/threads.ts";
import { sendable } from "./methods.ts";

/** The results, in the order of the jobs, whichever worker did them. The first that fails ends all. */
export async function inPool<Kind extends keyof Jobs>(
  { kind, jobs, signal, onResult, onProgress }: Work<Kind>,
  make: (Worker: WorkerConstructor) => WorkerLike,
  threads: number,
): Promise<Jobs[Kind]["result"][]> {
  signal?.throwIfAborted();
  const pool = new WorkerPool(make);
  const abort = (): void => pool.end(signal!.reason);
  signal?.addEventListener("abort", abort);
  const results: Jobs[Kind]["result"][] = [];
  try {
    await pool.each(jobs.length, threads, async (worker, i) => {
      const request = { call: kind, options: posted(jobs[i]), values: {}, watched: onProgress !== undefined };
      const told = (progress: number): void => onProgress?.(i, progress);
      results[i] = await worker.ask<Jobs[Kind]["result"]>(request, told);
      onResult?.(results[i]);
    });
    return results;
  } finally {
    signal?.removeEventListener("abort", abort);
    pool.end();
  }
}

/** Without the signal, which is heard here. */
export function posted<Job extends Jobs[keyof Jobs]["job"]>(job: Job): Job {
  const { signal: _signal, ...model } = job.model;
  return { ...job, model: sendable(model) };
}
