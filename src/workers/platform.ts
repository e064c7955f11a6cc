/** Workers as browsers have them, and Node's in their shape. */
import type { WorkerConstructor, WorkerLike } from "./worker-like.ts";

/** What a worker has to speak with whom it works for. */
export interface Port {
  postMessage(message: unknown, transfer?: readonly ArrayBuffer[]): void;
  addEventListener(type: "message", listener: (event: { readonly data: unknown }) => void): void;
}

interface NodeWorker {
  on(event: string, listener: (value: never) => void): unknown;
}

interface NodeThreads {
  readonly Worker: new (
    url: URL | string,
    options?: { readonly eval?: boolean; readonly type?: "module" },
  ) => NodeWorker & Pick<WorkerLike, "postMessage" | "terminate">;
  readonly parentPort: (NodeWorker & Pick<Port, "postMessage">) | null;
}

type NodeTextWorker = new (text: string, options: { readonly eval: true }) => WorkerLike;

/** How many threads this machine has for us. */
export function availableThreads(): number {
  const { navigator, process } = globalThis as Scope;
  const os = process?.getBuiltinModule?.("node:os") as { availableParallelism?(): number } | undefined;
  return os?.availableParallelism?.() ?? navigator?.hardwareConcurrency ?? 1;
}

interface Scope {
  readonly Worker?: WorkerConstructor;
  readonly WorkerGlobalScope?: abstract new () => unknown;
  readonly process?: { getBuiltinModule?(name: string): unknown };
  readonly navigator?: { readonly locks?: Locks; readonly hardwareConcurrency?: number };
}

interface Locks {
  request(name: string, whileHeld: () => Promise<void>): Promise<void>;
}

/** The class of workers here. */
export function workerConstructor(): WorkerConstructor {
  return (globalThis as Scope).Worker ?? nodeWorker(nodeThreads()!);
}

/**
 * A worker of a text, where no file can be loaded: of a script that needs nothing around it. Throws, or is lost, where a page allows none
 * (`worker-src` of its policy without `blob:`).
 */
export function workerOfText(text: string): WorkerLike {
  if (!(globalThis as Scope).Worker) return new (nodeWorker(nodeThreads()!) as never as NodeTextWorker)(text, { eval: true });
  const url = URL.createObjectURL(new Blob([text], { type: "text/javascript" }));
  return new (workerConstructor() as never as new (url: string) => WorkerLike)(url);
}

/** Of a worker; undefined where this is none. It needs nothing around it, for workers that are made of texts. */
export function parentPort(): Port | undefined {
  const { WorkerGlobalScope, process } = globalThis as Scope;
  if (WorkerGlobalScope && globalThis instanceof WorkerGlobalScope) return globalThis as unknown as Port;
  const port = (process?.getBuiltinModule?.("node:worker_threads") as NodeThreads | undefined)?.parentPort;
  if (!port) return undefined;
  return {
    postMessage: (message, transfer) => port.postMessage(message, transfer),
    addEventListener: (_, listener) => port.on("message", (data: unknown) => listener({ data })),
  };
}

/**
 * Takes a lock that is given back when this worker ends, however it does; returns its name once it is held. Undefined where workers
 * are heard ending, or the platform has no locks (pages without https, Deno).
 */
export async function lockOfWorker(): Promise<string | undefined> {
  const { WorkerGlobalScope, navigator } = globalThis as Scope;
  if (!WorkerGlobalScope || !navigator?.locks) return undefined;
  const name = `odegrad-${crypto.randomUUID()}`;
  await new Promise<void>((resolve) => {
    void navigator.locks!.request(name, () => (resolve(), new Promise<void>(() => {})));
  });
  return name;
}

/** Waits until whoever holds a lock has ended. */
export async function endOfHolder(lock: string): Promise<void> {
  await (globalThis as Scope).navigator?.locks?.request(lock, () => Promise.resolve());
}

/** Without an import, which bundlers of pages would stumble over. */
function nodeThreads(): NodeThreads | undefined {
  return (globalThis as Scope).process?.getBuiltinModule?.("node:worker_threads") as NodeThreads | undefined;
}

function nodeWorker({ Worker }: NodeThreads): WorkerConstructor {
  return class extends Worker implements WorkerLike {
    addEventListener(
      type: "message" | "error" | "messageerror",
      listener: (event: { readonly data: unknown; readonly message?: string }) => void,
    ): void {
      if (type === "message") this.on("message", (data: unknown) => listener({ data }));
      else if (type === "messageerror") this.on("messageerror", ({ message }: Error) => listener({ data: undefined, message }));
      else {
        this.on("error", ({ message }: Error) => listener({ data: undefined, message }));
        this.on("exit", (code: number) => listener({ data: undefined, message: `it ended, with the code ${code}` }));
      }
    }
  };
}
