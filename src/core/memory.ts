/** How much memory results may take. */
import { TooMuchMemory } from "./errors.ts";

/** Bytes of one result: what WebAssembly can address, and a machine is likely to have. */
const MOST_BYTES = 2 ** 32;

/** Is there room for so many times `each` f64s? */
export function hasRoom(count: number, each: number): boolean {
  return 8 * count * each <= MOST_BYTES;
}

/** Of `each` f64s so many. Throws {@link TooMuchMemory}; `remedy` is told how many would do. */
export function requireRoom(what: string, count: number, each: number, remedy: (most: number) => string): void {
  if (hasRoom(count, each)) return;
  throw new TooMuchMemory(what, 8 * count * each, MOST_BYTES, remedy(Math.floor(MOST_BYTES / 8 / each)));
}
