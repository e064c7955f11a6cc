/** What ends work on batches early: the caller's signal, and `maxTime`. */
import type { AbortSignalLike } from "../core/options/abort-signal.ts";
import { BatchOutOfTime } from "./errors.ts";
import type { TimeLimit } from "../core/options/time-limit.ts";

export interface Limits extends TimeLimit {
  readonly signal?: AbortSignalLike;
}

/** Of timers; more than 24 days. */
const LONGEST = 2 ** 31 - 1;

/** Work under one signal for both. Once the time is over, it rejects with {@link BatchOutOfTime}. */
export async function withinLimits<T>(
  { signal, maxTime = Infinity }: Limits,
  verb: string,
  work: (signal: AbortSignalLike | undefined) => Promise<T>,
): Promise<T> {
  signal?.throwIfAborted();
  if (maxTime > LONGEST) return work(signal);
  const either = new AbortController();
  const forward = (): void => either.abort(signal!.reason);
  signal?.addEventListener("abort", forward);
  const timer = setTimeout(() => either.abort(new BatchOutOfTime(verb, maxTime)), maxTime);
  try {
    return await work(either.signal);
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener("abort", forward);
  }
}
