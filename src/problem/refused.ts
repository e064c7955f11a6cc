/**
 * Functions that were found to keep something from one call to the next. They are refused from then on: what they keep may have come to where it changes no
 * more, such as a latch that has latched, and the next solve would find nothing.
 */
import type { ReadBeforeWrite } from "../read/syntax/errors.ts";
import type { Operator } from "./operator.ts";

const found = new WeakMap<object, ReadBeforeWrite>();

/** Notes what was found of a function; returns it, to be thrown. */
export function refused(operator: Operator, error: ReadBeforeWrite): ReadBeforeWrite {
  const holder = holderOf(operator);
  if (!found.has(holder)) found.set(holder, error);
  return error;
}

/** Throws what was found of it. */
export function requireNotRefused(operator: Operator): void {
  const error = found.get(holderOf(operator));
  if (error) throw error;
}

/** What holds what is kept: a function what it captures, for every problem; a problem its constants. */
function holderOf(operator: Operator): object {
  const { stated, constants } = operator;
  const isFunction = typeof stated === "function" && Object.keys(Object(constants) as object).length === 0;
  return isFunction ? stated : operator;
}
