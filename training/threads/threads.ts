/** Jobs that do not depend on each other: here one after the other, in several workers at a time, or on other machines, with the same numbers. */
import type { AbortSignalLike } from "../../src/core/options/abort-signal.ts";
import { isObject, type Check, type Checks } from "../../src/core/options/check.ts";
import { callable, whole } from "../../src/core/options/kinds.ts";
import { shown } from "../../src/core/options/shown.ts";
import { BadOption } from "../../src/core/errors.ts";
import type { OdeProblem } from "../../src/problem/problem.ts";
import type { ClusterLike } from "../../src/devices/cluster-like.ts";
import type { WorkerConstructor, WorkerLike } from "../../src/workers/worker-like.ts";
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
  /** Other machines in place of workers here: what `cluster` of `odegrad/cluster` makes, of a module that calls `serveFit`. */
  readonly cluster?: ClusterLike;
}

const aCluster: Check = (value, what) => {
  if (isObject(value) && "open" in value && typeof value.open === "function") return;
  throw new BadOption(
    `${what} is ${shown(value)}, but must be what \`cluster\` of odegrad/cluster makes: cluster({ problem: { module } }).`,
  );
};

export const threadChecks: Checks<ThreadOptions> = { worker: callable, threads: whole, cluster: aCluster };

/** What jobs of each kind take and give. */
export interface Jobs {
  readonly start: { readonly job: StartJob; readonly result: StartResult };
  readonly chain: { readonly job: ChainJob; readonly result: Chain };
}

export interface Work<Kind extends keyof Jobs> {
  readonly kind: Kind;
  readonly problem: OdeProblem;
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
  { worker, threads = 4, cluster }: ThreadOptions,
): Promise<Jobs[Kind]["result"][]> {
  if (cluster) return (await import("../../worker/on-cluster.ts")).onCluster(work, cluster);
  if (worker) return (await import("../../worker/pool.ts")).inPool(work, worker, Math.min(threads, work.jobs.length));
  const results: Jobs[Kind]["result"][] = [];
  for (const [i, job] of work.jobs.entries()) {
    const result = await work.here(job, (progress) => work.onProgress?.(i, progress));
    results.push(result);
    work.onResult?.(result);
  }
  return results;
}

/** Throws {@link BadOption} for threads that nothing is said of how to start, and for two places at once. */
export function requireWorker(verb: string, { worker, threads, cluster }: ThreadOptions): void {
  if (cluster && (worker || threads !== undefined)) {
    throw new BadOption(`${verb}: a cluster has workers and threads of its own. Leave out worker and threads, or the cluster.`);
  }
  if (threads === undefined || worker) return;
  throw new BadOption(
    `${verb}: functions cannot be sent to threads. State problem and data in a module that calls serveFit(problem, data) of odegrad/worker, and ` +
      `give worker: (Worker) => new Worker(new URL("./model.js", import.meta.url), { type: "module" }).`,
  );
}
