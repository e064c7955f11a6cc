/** Workers that do one piece of work at a time, whoever it is for. */
import { RemoteWorker } from "./remote-worker.ts";
import type { WorkerConstructor, WorkerLike } from "./worker-like.ts";

/** Milliseconds that workers are kept which nobody asks anything. */
const KEPT = 5000;

export class WorkerPool {
  private readonly all: RemoteWorker[] = [];
  private readonly idle: RemoteWorker[] = [];
  private readonly waiting: (() => void)[] = [];
  private ending: ReturnType<typeof setTimeout> | undefined;

  constructor(private readonly make: (Worker: WorkerConstructor) => WorkerLike) {}

  /** Does pieces of work, so many at a time at most, in order of their indices. The first that fails rejects; no other begins then. */
  async each(count: number, most: number, work: (worker: RemoteWorker, index: number) => Promise<void>): Promise<void> {
    let next = 0;
    const some = async (): Promise<void> => {
      while (next < count) {
        const index = next++;
        try {
          await this.use(most, (worker) => work(worker, index));
        } catch (error) {
          next = count;
          throw error;
        }
      }
    };
    await Promise.all(Array.from({ length: Math.min(most, count) }, some));
  }

  /** With a worker that nobody uses, as soon as one is free, or there are fewer than `most`: first come, first served. */
  private async use(most: number, work: (worker: RemoteWorker) => Promise<void>): Promise<void> {
    clearTimeout(this.ending);
    while (this.idle.length === 0 && this.all.length >= most) await new Promise<void>((resolve) => this.waiting.push(resolve));
    const worker = this.idle.pop() ?? this.added();
    try {
      await work(worker);
    } finally {
      worker.rest();
      this.idle.push(worker);
      this.waiting.shift()?.();
      if (this.idle.length === this.all.length) this.endLater();
    }
  }

  /** Ends all workers, and with the error what they are at; what is asked next starts others. */
  end(error?: unknown): void {
    for (const worker of this.all) worker.end(error);
  }

  private added(): RemoteWorker {
    const worker = new RemoteWorker(this.make);
    this.all.push(worker);
    return worker;
  }

  private endLater(): void {
    this.ending = setTimeout(() => this.end(), KEPT);
    // The program need not wait for this, where timers can be told so.
    (this.ending as { unref?(): void }).unref?.();
  }
}
