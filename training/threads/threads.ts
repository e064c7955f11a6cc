/** Jobs that do not depend on each other: here one after the other, or in several workers at a time, with the same numbers. */
import type { AbortSignalLike } from "../../src/core/options/abort-signal.ts";
import type { Checks } from "../../src/core/options/check.ts";
import { callable, whole } from "../../src/core/options/kinds.ts";
import { BadOption } from "../../src/core/errors.ts";
import type { WorkerConstructor, WorkerLike } from "../../src/devices/worker-like.ts";
import type { Chain } from "../sampler/chain.ts";
import type { ChainJob } from "./chain-job.ts";
import type { StartJob, StartResult } from "./start-job.ts";

/** Where jobs are done. */
export interface ThreadOptions {
  /**
   * Starts a worker: a module that calls `serveFit` of `odegrad/worker` with the same problem and data. The same to Node and browsers:
   * (Worker) => new Worker(new URL("./model.js", import.meta.url), { type: "module" }). By default all is done in this thread.
   */
  readonly worker?: (Worker: WorkerConstructor) => WorkerLike;
  /** How many workers, where there is `worker`. 4 by default. Numbers do not depend on it. */
  readonly threads?: number;
}

export const threadChecks: Checks<ThreadOptions> = { worker: callable, threads: whole };

/** What jobs of each kind take and give. */
export interface Jobs {
  readonly start: { readonly job: StartJob; readonly result: StartResult };
  readonly chain: { readonly job: ChainJob; readonly result: Chain };
}

export interface Work<Kind extends keyof Jobs> {
  readonly kind: Kind;
  readonly jobs: readonly Jobs[Kind]["job"][];
  readonly here: (job: Jobs[Kind]["job"], tell: (progress: number) => void) => Promise<Jobs[Kind]["result"]>;
  readonly signal?: AbortSignalLike;
  readonly onResult?: (result: Jobs[Kind]["result"]) => void;
  /** What a job tells of its progress. */
  readonly onProgress?: (job: number, progress: number) => void;
}

/** The results, in the order of the jobs. Throws what a job throws, as ThrownInWorker where that was in one. */
export async function done<Kind extends keyof Jobs>(
  work: Work<Kind>,
  { worker, threads = 4 }: ThreadOptions,
): Promise<Jobs[Kind]["result"][]> {
  if (worker) return (await import("../../worker/pool.ts")).inPool(work, worker, Math.min(threads, work.jobs.length));
  const results: Jobs[Kind]["result"][] = [];
  for (const [i, job] of work.jobs.entries()) {
    const result = await work.here(job, (progress) => work.onProgress?.(i, progress));
    results.push(result);
    work.onResult?.(result);
  }
  return results;
}

/** Throws {@link BadOption} for threads that nothing is said of how to start. */
export function requireWorker(verb: string, { worker, threads }: ThreadOptions): void {
  if (threads === undefined || worker) return;
  throw new BadOption(
    `${verb}: functions cannot be sent to threads. State problem and data in a module that calls serveFit(problem, data) of odegrad/worker, and ` +
      `give worker: (Worker) => new Worker(new URL("./model.js", import.meta.url), { type: "module" }).`,
  );
}
