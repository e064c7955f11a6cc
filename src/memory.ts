/** How much memory results may take. */
import { TooMuchMemory } from "./errors.ts";

/** Bytes of one result: what WebAssembly can address, and a machine is likely to have. */
export const MOST_BYTES = 2 ** 32;

/** Of `each` f64s so many. Throws {@link TooMuchMemory}; `remedy` is told how many would do. */
export function requireRoom(what: string, count: number, each: number, remedy: (most: number) => string): void {
  const bytes = 8 * count * each;
  if (bytes > MOST_BYTES) throw new TooMuchMemory(what, bytes, MOST_BYTES, remedy(Math.floor(MOST_BYTES / 8 / each)));
}
