/** Workers as browsers have them, which Node's are made to look like. */

/** What is asked of a worker. */
export interface WorkerLike {
  postMessage(message: unknown, transfer?: readonly ArrayBuffer[]): void;
  terminate(): unknown;
  /** Whether the program waits for it to end, where it can be told. */
  ref?(): void;
  unref?(): void;
  addEventListener(type: "message", listener: (event: { readonly data: unknown }) => void): void;
  /** `message` may be empty: browsers do not say why a module does not load. "messageerror": what it sent cannot be read here. */
  addEventListener(type: "error" | "messageerror", listener: (event: { readonly message?: string }) => void): void;
}

/** The `URL` of the environment, where its types are known. */
type UrlLike = typeof globalThis extends { URL: new (...args: never[]) => infer Url } ? Url : { readonly href: string };

export type WorkerConstructor = new (url: UrlLike, options?: { readonly type?: "module" }) => WorkerLike;
