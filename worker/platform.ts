/** Workers as browsers have them, and Node's in their shape. */

/** What is asked of a worker. */
export interface WorkerLike {
  postMessage(message: unknown): void;
  terminate(): unknown;
  addEventListener(type: "message", listener: (event: { readonly data: unknown }) => void): void;
  /** `message` may be empty: browsers do not say why a module does not load. */
  addEventListener(type: "error", listener: (event: { readonly message?: string }) => void): void;
}

export type WorkerConstructor = new (url: URL, options?: { readonly type?: "module" }) => WorkerLike;

/** What a worker has to speak with whom it works for. */
export interface Port {
  postMessage(message: unknown): void;
  addEventListener(type: "message", listener: (event: { readonly data: unknown }) => void): void;
}

interface NodeWorker {
  on(event: string, listener: (value: never) => void): unknown;
}

interface NodeThreads {
  readonly Worker: new (url: URL) => NodeWorker & Pick<WorkerLike, "postMessage" | "terminate">;
  readonly parentPort: (NodeWorker & Pick<Port, "postMessage">) | null;
}

interface Scope {
  readonly Worker?: WorkerConstructor;
  readonly WorkerGlobalScope?: abstract new () => unknown;
  readonly process?: { getBuiltinModule?(name: string): unknown };
}

/** The class of workers here. */
export function workerConstructor(): WorkerConstructor {
  return (globalThis as Scope).Worker ?? nodeWorker(nodeThreads()!);
}

/** Of a worker; undefined where this is none. */
export function parentPort(): Port | undefined {
  const { WorkerGlobalScope } = globalThis as Scope;
  if (WorkerGlobalScope && globalThis instanceof WorkerGlobalScope) return globalThis as unknown as Port;
  const port = nodeThreads()?.parentPort;
  if (!port) return undefined;
  return {
    postMessage: (message) => port.postMessage(message),
    addEventListener: (_, listener) => port.on("message", (data: unknown) => listener({ data })),
  };
}

/** Without an import, which bundlers of pages would stumble over. */
function nodeThreads(): NodeThreads | undefined {
  return (globalThis as Scope).process?.getBuiltinModule?.("node:worker_threads") as NodeThreads | undefined;
}

function nodeWorker({ Worker }: NodeThreads): WorkerConstructor {
  return class extends Worker implements WorkerLike {
    addEventListener(
      type: "message" | "error",
      listener: (event: { readonly data: unknown; readonly message?: string }) => void,
    ): void {
      if (type === "message") this.on("message", (data: unknown) => listener({ data }));
      else {
        this.on("error", ({ message }: Error) => listener({ data: undefined, message }));
        this.on("exit", (code: number) => listener({ data: undefined, message: `it ended, with the code ${code}` }));
      }
    }
  };
}
