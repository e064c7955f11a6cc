/** The threads of a worker: each holds a module, or the named problems, and is kept for the next job of the same. */
import { WorkerLost } from "../../src/workers/errors.ts";
import { RemoteWorker } from "../../src/workers/remote-worker.ts";

/** What a thread serves, told to it as its `workerData`. */
export interface Serving {
  /** The path of the module that it loads; without one it has the named problems. */
  readonly module?: string;
  /** As the module was when it was loaded. */
  readonly hash?: string;
  /** The module whose exports functions go by the names of, likewise. */
  readonly functions?: string;
  readonly functionsHash?: string;
  /** Whether it solves chunks; otherwise the module serves by itself. */
  readonly isOfChunks: boolean;
}

interface Thread {
  /** What it serves. */
  readonly key: string;
  readonly remote: RemoteWorker;
}

export class Threads {
  private readonly idle: Thread[] = [];
  private busy = 0;

  constructor(
    /** The module that threads begin with. */
    private readonly entry: URL,
    /** The most that there are; no more jobs are given at a time. */
    private readonly most: number,
  ) {}

  /** Has a thread do something. One that was lost is not used again. */
  async with<Result>(serving: Serving, use: (remote: RemoteWorker) => Promise<Result>): Promise<Result> {
    const thread = this.taken(serving);
    this.busy++;
    try {
      const result = await use(thread.remote);
      this.idle.push(thread);
      return result;
    } catch (error) {
      if (error instanceof WorkerLost) thread.remote.end(error);
      else this.idle.push(thread);
      throw error;
    } finally {
      this.busy--;
    }
  }

  end(): void {
    for (const { remote } of this.idle.splice(0)) remote.end(undefined);
  }

  private taken(serving: Serving): Thread {
    const key = JSON.stringify(serving);
    const own = this.idle.findIndex((thread) => thread.key === key);
    if (own >= 0) return this.idle.splice(own, 1)[0];
    if (this.busy + this.idle.length >= this.most) this.idle.shift()?.remote.end(undefined);
    const options = { type: "module", workerData: serving } as const;
    return { key, remote: new RemoteWorker((Worker) => new Worker(this.entry, options)) };
  }
}
