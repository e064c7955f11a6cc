/** A worker as the side that it works for sees it: started when it is first asked, asked one thing at a time. */
import { BadOption } from "../core/errors.ts";
import { shown } from "../core/options/shown.ts";
import { ThrownInWorker, WorkerLost } from "./errors.ts";
import type { WorkerConstructor, WorkerLike } from "./worker-like.ts";
import { endOfHolder, workerConstructor } from "./platform.ts";
import { opened, type Envelope, type Reply, type Request } from "./protocol.ts";

/** Seconds for the module to load and take a request, where nothing tells that it does not. */
const PATIENCE = 15;

/** What the worker is at. */
interface Asked {
  readonly take: (reply: Reply) => void;
  readonly reject: (error: unknown) => void;
}

export class RemoteWorker {
  private worker: WorkerLike | undefined;
  private asked: Asked | undefined;
  private requests = 0;
  private watched: string | undefined;

  constructor(private readonly make: (Worker: WorkerConstructor) => WorkerLike) {}

  /**
   * `transfer`: buffers that go there, and are no more here. Rejects with ThrownInWorker, {@link WorkerLost}, what `end` is given, what
   * `onProgress` throws, which ends the worker, and {@link BadOption} for options that cannot be sent.
   */
  async ask<Result>(
    request: Omit<Request, "id">,
    onProgress?: (progress: never) => void,
    transfer: readonly ArrayBuffer[] = [],
  ): Promise<Result> {
    const id = ++this.requests;
    let isTaken = (): void => {};
    try {
      return await new Promise<Result>((resolve, reject) => {
        this.worker ??= this.start();
        this.worker.ref?.();
        const take = (reply: Reply): void => {
          if (reply.id !== id) return;
          isTaken();
          if (reply.kind === "taken") this.watch(reply.lock);
          else if (reply.kind === "progress") this.tell(onProgress, reply.progress);
          else if (reply.kind === "result") resolve(reply.result as Result);
          else reject(new ThrownInWorker(reply.name, reply.message));
        };
        this.asked = { take, reject };
        isTaken = afterSeconds(PATIENCE, () => this.end(new WorkerLost(`it took no request within ${PATIENCE} s`)));
        send(this.worker, { id, ...request }, transfer);
      });
    } finally {
      isTaken();
      this.asked = undefined;
    }
  }

  /** Lets the program end while it is asked nothing. */
  rest(): void {
    this.worker?.unref?.();
  }

  /** Ends the worker, and with the error what it is at; what is asked next starts another. */
  end(error: unknown): void {
    void this.worker?.terminate();
    this.worker = undefined;
    this.asked?.reject(error);
  }

  private tell(onProgress: ((progress: never) => void) | undefined, progress: unknown): void {
    try {
      onProgress?.(progress as never);
    } catch (error) {
      this.end(error);
    }
  }

  private start(): WorkerLike {
    const worker = this.make(workerConstructor());
    if (typeof worker?.postMessage !== "function" || typeof worker.addEventListener !== "function") {
      throw new BadOption(
        `inWorker: the function returned ${shown(worker)}, but must return a worker: (Worker) => new Worker(url, …).`,
      );
    }
    worker.addEventListener("message", ({ data }) => {
      const reply = opened<Reply>(data);
      if (reply && worker === this.worker) this.asked?.take(reply);
    });
    const lost = ({ message }: { readonly message?: string }): void => {
      if (worker === this.worker) this.end(new WorkerLost(message));
    };
    worker.addEventListener("error", lost);
    worker.addEventListener("messageerror", lost);
    return worker;
  }

  /** Hears the worker ending, by the lock that it holds. */
  private watch(lock: string | undefined): void {
    if (lock === undefined || lock === this.watched) return;
    this.watched = lock;
    const { worker } = this;
    void endOfHolder(lock).then(() => {
      if (worker === this.worker) this.end(new WorkerLost("it ended"));
    });
  }
}

/** Counted one by one while this thread is free: what keeps it busy keeps replies waiting, too. Returns what stops it. */
function afterSeconds(seconds: number, act: () => void): () => void {
  let left = seconds;
  const timer = setInterval(() => {
    if (--left > 0) return;
    clearInterval(timer);
    act();
  }, 1000);
  return () => clearInterval(timer);
}

/** Keys and values of the options are checked in the worker; what is no part of any cannot even go there. */
function send(worker: WorkerLike, request: Request, transfer: readonly ArrayBuffer[]): void {
  try {
    worker.postMessage({ odegrad: request } satisfies Envelope<Request>, transfer);
  } catch (error) {
    const options: Readonly<Record<string, unknown>> = { ...request.values, ...(request.options as object) };
    const name = Object.keys(options).find((key) => !canBeSent(options[key]));
    throw new BadOption(`${request.call} in a worker: ${name ?? "an option"} cannot be sent there. ${(error as Error).message}`, {
      cause: error,
    });
  }
}

function canBeSent(value: unknown): boolean {
  try {
    structuredClone(value);
    return true;
  } catch {
    return false;
  }
}
