/** What goes to a worker and comes back. */

export interface Request {
  /** Of this worker's requests the how many-th: its replies bear it too. */
  readonly id: number;
  readonly call: string;
  readonly options: unknown;
  readonly values: object;
  /** Whether progress is told. */
  readonly watched: boolean;
}

export type Reply<Result = unknown> = { readonly id: number } & Answer<Result>;

type Answer<Result> =
  /** Before the work begins: somebody serves. `lock`: held by the worker as long as it lives, where the platform has such. */
  | { readonly kind: "taken"; readonly lock?: string }
  | { readonly kind: "progress"; readonly progress: unknown }
  | { readonly kind: "result"; readonly result: Result }
  | { readonly kind: "error"; readonly name: string; readonly message: string };

/** Apart from other messages that a worker may exchange. */
export interface Envelope<Message> {
  readonly odegrad: Message;
}

export function opened<Message>(data: unknown): Message | undefined {
  return typeof data === "object" && data !== null && "odegrad" in data ? (data as Envelope<Message>).odegrad : undefined;
}
