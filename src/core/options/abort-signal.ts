/** What ends work early. */

/** What is asked of an `AbortSignal`, as pages, workers, Node and Deno have it; types of one's environment are not needed to read ours. */
export interface AbortSignalLike {
  readonly aborted: boolean;
  readonly reason: unknown;
  throwIfAborted(): void;
  addEventListener(type: "abort", listener: () => void): void;
  removeEventListener(type: "abort", listener: () => void): void;
}
