/** `--max-time` of work that hears signals. */
import { TimeOver } from "../messages/errors.ts";

/** What timers can wait for. */
const LONGEST = 2 ** 31 - 1;

/** Throws {@link TimeOver}. */
export async function inTime<T>(maxTime: number | undefined, work: (signal?: AbortSignal) => Promise<T>): Promise<T> {
  if (maxTime === undefined) return work();
  const signal = AbortSignal.timeout(Math.min(Math.ceil(maxTime), LONGEST));
  try {
    return await work(signal);
  } catch (error) {
    throw signal.aborted && error === signal.reason ? new TimeOver(maxTime) : error;
  }
}
