/** A process that does jobs, in threads, so that what watches over them is never kept waiting. */
import { hostname } from "node:os";
import type { Job, Worker } from "bullmq";
import type { Redis } from "ioredis";
import type { Chunk } from "../../ensemble/chunks/chunk.ts";
import { OdegradError } from "../../src/core/errors.ts";
import { WorkerLost } from "../../src/workers/errors.ts";
import type { Request } from "../../worker/protocol.ts";
import { OtherVersion } from "../redis/errors.ts";
import { finalReason, type JobData, type JobResult, type RunData } from "../jobs/job.ts";
import { aliveKey, KEPT, ownVersion, PREFIX, QUEUE, resultKey, runKey, workerName } from "../redis/names.ts";
import { bullmq } from "../redis/packages.ts";
import { connected, steadfast } from "../redis/connect.ts";
import { sealed, unsealed } from "../redis/wire.ts";
import { foundModule } from "./found-module.ts";
import type { ModuleReference } from "../problem/reference.ts";
import { Threads, type Serving } from "./threads.ts";

export interface ClusterWorkerOptions {
  readonly url: string;
  /** Threads. */
  readonly concurrency: number;
  /** The folder that modules are looked for in. */
  readonly modules: string;
  /** The module that threads begin with, which serves what its `workerData` says. */
  readonly thread: URL;
  /** Told what goes wrong without ending the worker. */
  readonly onTrouble: (message: string) => void;
}

export interface ClusterWorker {
  /** Finishes the jobs at hand. */
  readonly close: () => Promise<void>;
}

/** Milliseconds that a job is somebody's without a sign; the jobs of one that was killed are given to others after this time or twice of it. */
const LOCKED = 10_000;

/** How often a job may lose its worker: it may be the one that kills them. */
const MOST_STALLED = 5;

/** Milliseconds between looks at whether the program that asked for a job is still there. */
const LOOK = 2000;

/** Milliseconds between two messages of a job's progress. */
const TELL = 1000;

/** Throws what {@link connected} throws. */
export async function startWorker(options: ClusterWorkerOptions): Promise<ClusterWorker> {
  const { url, concurrency, onTrouble } = options;
  const { Worker, UnrecoverableError } = await bullmq();
  const redis = await connected(url);
  const doing = new Doing(redis, options);
  const processed = async (job: Job<JobData>): Promise<void> => {
    try {
      await doing.done(job);
    } catch (error) {
      // Where a thread or Redis was lost, trying again helps; what else is thrown would be thrown again.
      const isFinal = error instanceof OdegradError && !(error instanceof WorkerLost);
      throw isFinal ? new UnrecoverableError(finalReason(error)) : error;
    }
  };
  const worker: Worker<JobData> = new Worker(QUEUE, processed, {
    connection: steadfast(url),
    prefix: PREFIX,
    name: workerName(concurrency),
    concurrency,
    lockDuration: LOCKED,
    stalledInterval: LOCKED,
    maxStalledCount: MOST_STALLED,
  });
  worker.on("error", ({ message }) => onTrouble(message));
  worker.on("failed", (job, { message }) => onTrouble(`job ${job?.data.index}: ${message}`));
  await worker.waitUntilReady();
  return {
    async close() {
      await worker.close();
      doing.end();
      redis.disconnect();
    },
  };
}

class Doing {
  private readonly threads: Threads;
  private readonly version = ownVersion();
  /** What the last run is of. */
  private last: { readonly run: string; readonly data: RunData } | undefined;

  constructor(
    private readonly redis: Redis,
    private readonly options: ClusterWorkerOptions,
  ) {
    this.threads = new Threads(options.thread, options.concurrency);
  }

  /** Puts the result into Redis. Where the program that asked for it is not there any more, nothing is. */
  async done(job: Job<JobData>): Promise<void> {
    const { version, run, index, own } = job.data;
    this.requireVersion(version);
    const data = await this.dataOf(run);
    if (!data || (await this.isDone(job.id!))) return;
    const { own: work } = unsealed(Buffer.from(own, "base64"), `Job ${index}`) as { own: unknown };
    const began = performance.now();
    const found = await this.result(job, data, work);
    if (found === undefined || !(await this.isAsked(run))) return;
    const seconds = (performance.now() - began) / 1000;
    const bytes = sealed({ index, seconds, ...found } satisfies JobResult);
    await this.redis.set(resultKey(job.id!), bytes, "EX", KEPT);
  }

  end(): void {
    this.threads.end();
  }

  /** Undefined where it was broken off. */
  private async result(
    job: Job<JobData>,
    { kind, reference, signature, functions, shared }: RunData,
    own: unknown,
  ): Promise<Pick<JobResult, "count" | "result"> | undefined> {
    const isOfChunks = kind === "chunk";
    const found = ({ module, hash }: ModuleReference): string => foundModule(this.options.modules, module, hash);
    const serving: Serving = {
      ...("module" in reference && { module: found(reference), hash: reference.hash }),
      ...(functions && { functions: found(functions), functionsHash: functions.hash }),
      isOfChunks,
    };
    const { run } = job.data;
    return this.threads.with(serving, async (remote) => {
      let isLeft = false;
      const look = setInterval(() => {
        void this.isAsked(run).then((isAsked) => {
          if (isAsked) return;
          isLeft = true;
          remote.end(new WorkerLost("the program that asked for its work is not there any more"));
        });
      }, LOOK);
      let told = 0;
      const onProgress = (progress: number): void => {
        if (performance.now() - told < TELL) return;
        told = performance.now();
        void job.updateProgress(progress).catch(() => {});
      };
      try {
        if (kind === "chunk") {
          const options = { run, reference, signature, task: shared, chunk: own as Chunk };
          return await remote.ask({ call: kind, options, values: {}, watched: false });
        }
        const request = { call: kind, options: own, values: {}, watched: true } as Omit<Request<typeof kind>, "id">;
        return { count: 1, result: await remote.ask(request, onProgress) };
      } catch (error) {
        if (isLeft) return undefined;
        throw error;
      } finally {
        clearInterval(look);
      }
    });
  }

  private async dataOf(run: string): Promise<RunData | undefined> {
    if (!(await this.isAsked(run))) return undefined;
    if (this.last?.run === run) return this.last.data;
    const bytes = await this.redis.getBuffer(runKey(run));
    if (!bytes) return undefined;
    const data = unsealed(bytes, `The run "${run}"`) as RunData;
    this.last = { run, data };
    return data;
  }

  /** A program that resumes a run may ask for what is done in that very moment. */
  private async isDone(id: string): Promise<boolean> {
    return (await this.redis.exists(resultKey(id))) === 1;
  }

  private async isAsked(run: string): Promise<boolean> {
    return (await this.redis.exists(aliveKey(run))) === 1;
  }

  private requireVersion(asked: string): void {
    if (asked === this.version) return;
    throw new OtherVersion(
      `The worker on ${hostname()} runs odegrad ${this.version}, the program ${asked}. Install the same version in both places, and start the ` +
        `worker again.`,
    );
  }
}
