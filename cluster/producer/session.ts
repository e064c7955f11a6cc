/** Jobs of a run on their way through Redis: added to the queue, looked after, and their results taken. */
import type { Queue, QueueEvents } from "bullmq";
import type { Redis } from "ioredis";
import type { AbortSignalLike } from "../../src/core/options/abort-signal.ts";
import type { ClusterJob, ClusterSession } from "../../src/devices/cluster-like.ts";
import { NoWorkers, RedisLost } from "../redis/errors.ts";
import { ALIVE, aliveKey, KEPT, ownVersion, resultKey, runKey } from "../redis/names.ts";
import { named, withoutPassword } from "../redis/connect.ts";
import { hashOf, sealed } from "../redis/wire.ts";
import { failureOf } from "./failure.ts";
import { arrivedResult } from "./result.ts";
import { threadsAtWork } from "./threads-at-work.ts";

export interface Place {
  readonly redis: Redis;
  readonly url: string;
  readonly run: string;
  /** Seconds. */
  readonly patience: number;
  /** Whether results may be there already. */
  readonly resumed: boolean;
  /** Of a result, about. */
  readonly bytes: number;
}

/** A job that was not heard of yet. */
interface Flight {
  readonly id: string;
  readonly job: ClusterJob;
  readonly own: string;
  readonly resolve: (result: unknown) => void;
  readonly reject: (error: unknown) => void;
  /** When it was last looked for. */
  seen: number;
}

/** Milliseconds between two rounds in which everything is looked after, whether something was heard or not. */
const ROUND = 2000;

/** Milliseconds after which a job that nothing was heard of is looked for. */
const UNHEARD = 10_000;

/**
 * Jobs under way for each thread of a worker: one at work, and those that it takes next. Results are merged in order, so that a job whose worker
 * died holds up the others' once so many are done; bench/cluster/simulation.ts says what that costs.
 */
const PER_THREAD = 32;
const LEAST_UNDER_WAY = 16;

/** Bytes of results that may wait for their turn. */
const MOST_WAITING = 2 ** 29;

/** Jobs that are looked for in a round: the oldest are those that hold up the others. */
const MOST_LOOKED_FOR = 256;

/** Bytes of results that stay in Redis for whoever resumes the run, though they were taken. */
const KEPT_BYTES = 2 ** 26;

/** How a job is tried. Jobs that are done leave nothing in the queue. */
const tries = {
  attempts: 3,
  backoff: { type: "exponential", delay: 500 },
  removeOnComplete: true,
  removeOnFail: { age: 3600, count: 1000 },
} as const;

export class Session implements ClusterSession {
  private readonly flights = new Map<string, Flight>();
  /** Jobs may share one. */
  private readonly signals = new Map<AbortSignalLike, () => void>();
  /** Keys of results that were taken and are kept. */
  private readonly kept: string[] = [];
  private keptBytes = 0;
  private readonly version = ownVersion();
  private round: NodeJS.Timeout | undefined;
  private failure: unknown;
  /** Where the run can be resumed, nothing is taken back. */
  private isResumable = false;
  private away: NodeJS.Timeout | undefined;
  /** When somebody was last seen who works. */
  private worked = Date.now();
  private threads = 0;

  constructor(
    private readonly place: Place,
    private readonly queue: Queue,
    private readonly events: QueueEvents,
  ) {}

  get inFlight(): number {
    const most = Math.floor(MOST_WAITING / this.place.bytes);
    return Math.max(LEAST_UNDER_WAY, Math.min(most, PER_THREAD * this.threads));
  }

  async begin(): Promise<void> {
    const { redis, run, url, patience } = this.place;
    this.queue.on("error", () => {});
    this.events.on("error", () => {});
    redis.on("close", () => {
      this.away ??= setTimeout(() => this.stop(new RedisLost(withoutPassword(url), patience, run)), patience * 1000);
    });
    redis.on("ready", () => {
      clearTimeout(this.away);
      this.away = undefined;
    });
    this.events.on("completed", ({ jobId }) => this.heard(jobId));
    this.events.on("failed", ({ jobId, failedReason }) => this.failed(jobId, failedReason));
    this.events.on("progress", ({ jobId, data }) => this.told(jobId, data as number));
    await this.events.waitUntilReady();
    await this.signOfLife();
    this.threads = await threadsAtWork(this.queue);
    this.round = setInterval(() => void this.lookAround(), ROUND);
  }

  async run(job: ClusterJob): Promise<unknown> {
    const { run, resumed } = this.place;
    const { signal } = job;
    if (signal) this.listenTo(signal);
    if (this.failure !== undefined) throw this.failure;
    const own = sealed({ index: job.index, own: job.own });
    const id = `${run}-${hashOf(own).slice(0, 24)}`;
    const arrived = new Promise<unknown>((resolve, reject) => {
      this.flights.set(id, { id, job, own: own.toString("base64"), resolve, reject, seen: Date.now() });
    });
    void this.sent(id, resumed);
    return arrived;
  }

  async close(): Promise<void> {
    clearInterval(this.round);
    clearTimeout(this.away);
    for (const [signal, abort] of this.signals) signal.removeEventListener("abort", abort);
    this.fail(new Error("closed"));
    const { redis } = this.place;
    if (redis.status === "ready") {
      if (!this.isResumable) await this.takeBack();
      await Promise.allSettled([this.events.close(), this.queue.close()]);
    } else {
      void Promise.allSettled([this.events.close(), this.queue.close()]);
      void Promise.allSettled([this.events.disconnect(), this.queue.disconnect()]);
    }
    redis.disconnect();
  }

  private listenTo(signal: AbortSignalLike): void {
    const abort = (): void => this.fail(signal.reason);
    if (signal.aborted) abort();
    if (this.signals.has(signal)) return;
    signal.addEventListener("abort", abort);
    this.signals.set(signal, abort);
  }

  /** Ends all, and takes nothing back. */
  private stop(error: Error): void {
    this.isResumable = true;
    this.fail(error);
  }

  private fail(error: unknown): void {
    if (this.failure !== undefined) return;
    this.failure = error;
    for (const { reject } of this.flights.values()) reject(error);
  }

  /** Jobs that nobody works on, results, and what says that the run is there: workers leave what they are at. */
  private async takeBack(): Promise<void> {
    const { redis, run } = this.place;
    const ids = [...this.flights.keys()];
    await redis.del(aliveKey(run), runKey(run), ...ids.map(resultKey), ...this.kept);
    await Promise.allSettled(ids.map((id) => this.queue.remove(id)));
  }

  /** Adds the job, unless its result is there. Adding one that is in the queue already changes nothing. */
  private async sent(id: string, mayBeDone: boolean): Promise<void> {
    await this.attempt(async () => {
      if (mayBeDone) await this.take([id]);
      const flight = this.flights.get(id);
      if (!flight) return;
      const { index } = flight.job;
      await this.queue.add(
        "job",
        { version: this.version, run: this.place.run, index, own: flight.own },
        { ...tries, jobId: id },
      );
    });
  }

  private heard(id: string): void {
    if (!this.flights.has(id)) return;
    this.worked = Date.now();
    void this.attempt(async () => {
      await this.take([id]);
      // It was given up by a worker that took the program for dead.
      if (this.flights.has(id)) await this.sent(id, true);
    });
  }

  private failed(id: string, reason: string): void {
    const flight = this.flights.get(id);
    if (flight) this.fail(failureOf(flight.job.index, reason, this.place.url));
  }

  private told(id: string, progress: number): void {
    this.worked = Date.now();
    try {
      this.flights.get(id)?.job.onProgress?.(progress);
    } catch (error) {
      this.fail(error);
    }
  }

  /** Results that are there are taken, once each. */
  private async take(ids: readonly string[]): Promise<void> {
    if (ids.length === 0) return;
    const { redis } = this.place;
    const found = await redis.mgetBuffer(...ids.map(resultKey));
    const done: string[] = [];
    for (const [k, bytes] of found.entries()) {
      const flight = bytes && this.flights.get(ids[k]);
      if (!flight) continue;
      this.flights.delete(flight.id);
      flight.resolve(arrivedResult(bytes, flight.job));
      if (this.keptBytes + bytes.length <= KEPT_BYTES) {
        this.keptBytes += bytes.length;
        this.kept.push(resultKey(flight.id));
      } else done.push(resultKey(flight.id));
    }
    if (done.length > 0) await redis.del(...done);
  }

  /** What events did not tell: they are lost when Redis or the program is away. */
  private async lookAround(): Promise<void> {
    if (this.place.redis.status !== "ready" || this.failure !== undefined) return;
    await this.attempt(async () => {
      await this.signOfLife();
      const now = Date.now();
      const oldest = [...this.flights.values()].slice(0, MOST_LOOKED_FOR);
      await this.take(oldest.map(({ id }) => id));
      const unheard = oldest.filter(({ id, seen }) => now - seen > UNHEARD && this.flights.has(id));
      await Promise.all(unheard.map((flight) => this.lookFor(flight)));
      await this.lookForWorkers(now);
    });
  }

  /** A job that is gone, with Redis's last second or by somebody's hand, is added again. */
  private async lookFor(flight: Flight): Promise<void> {
    const { id } = flight;
    flight.seen = Date.now();
    const state = await this.queue.getJobState(id);
    if (state === "failed") this.failed(id, (await this.queue.getJob(id))?.failedReason ?? "it failed");
    else if (state === "unknown") await this.sent(id, true);
  }

  private async lookForWorkers(now: number): Promise<void> {
    if (this.flights.size === 0) this.worked = now;
    if (now - this.worked < ROUND) return;
    this.threads = await threadsAtWork(this.queue);
    const { url, patience, run } = this.place;
    if (this.threads > 0) this.worked = now;
    else if (now - this.worked > patience * 1000) this.stop(new NoWorkers(withoutPassword(url), patience, run));
  }

  private async signOfLife(): Promise<void> {
    const { redis, run } = this.place;
    await redis.set(aliveKey(run), 1, "EX", ALIVE);
    await redis.expire(runKey(run), KEPT);
  }

  /** Errors of Redis end the run, unless it is away: then they come late, when it is back or was waited for. */
  private async attempt(act: () => Promise<void>): Promise<void> {
    try {
      await act();
    } catch (error) {
      if (this.failure === undefined && this.place.redis.status === "ready")
        this.fail(named(error as Error, this.place.url) ?? error);
    }
  }
}
