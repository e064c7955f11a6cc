/**
 * Functions that were found to keep something from one call to the next. They are refused from then on: what they keep may have come to where it changes no
 * more, such as a latch that has latched, and the next solve would find nothing.
 */
import type { ReadBeforeWrite } from "../read/syntax/errors.ts";

const found = new WeakMap<object, ReadBeforeWrite>();

/** Notes what was found of a function; returns it, to be thrown. */
export function refused(fn: object, error: ReadBeforeWrite): ReadBeforeWrite {
  if (!found.has(fn)) found.set(fn, error);
  return error;
}

/** Throws what was found of it. */
export function requireNotRefused(fn: object): void {
  const error = found.get(fn);
  if (error) throw error;
}
