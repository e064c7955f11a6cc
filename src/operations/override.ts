/**
 * Operations on values that are not plain arrays: a value with a method under {@link APPLY} is asked to do the operation
 * itself (as NumPy's `__array_function__`, NEP 18).
 */
import type { Definition } from "./definitions.ts";
import { isPlainObject } from "../core/array-values.ts";
import { listenerNow } from "./listen.ts";
import type { ArrayOperation } from "./operation.ts";

export const APPLY = Symbol("apply an operation");

export interface Overriding {
  /** An array operation, whose `plain` takes plain values only; or a function with derivatives of its own. */
  [APPLY](operation: ArrayOperation | Definition, args: readonly unknown[]): unknown;
}

const byFunction = new WeakMap<object, ArrayOperation>();

/**
 * The same operations, that ask such arguments first, and are known by their functions from then on: who has a function of one has made it, so
 * that a page holds those alone that it names.
 */
// @__NO_SIDE_EFFECTS__
export function overridable<Table extends Readonly<Record<string, ArrayOperation>>>(table: Table): Table {
  const entries = Object.entries(table).map(([name, operation]) => {
    const made = { ...operation, plain: asking(operation) };
    byFunction.set(made.plain, made);
    return [name, made];
  });
  return Object.fromEntries(entries) as Table;
}

/** The operation that a function is the plain form of. */
export function arrayOperationOf(fn: object): ArrayOperation | undefined {
  return byFunction.get(fn);
}

function asking(operation: ArrayOperation): ArrayOperation["plain"] {
  const { plain } = operation;
  const ask = (...args: unknown[]): unknown => {
    const listener = listenerNow();
    if (listener) return listener.heard(ask, args, () => plain(...(args as never[])));
    const owner = ownerAmong(args);
    return owner ? owner[APPLY](operation, args) : plain(...(args as never[]));
  };
  return ask as ArrayOperation["plain"];
}

export function ownerAmong(args: readonly unknown[]): Overriding | undefined {
  for (const arg of args) {
    if (typeof arg !== "object" || arg === null) continue;
    if (APPLY in arg) return arg as Overriding;
    // A list of arrays, not a vector of numbers; or an object of arrays.
    const inner = Array.isArray(arg) && typeof arg[0] === "object" ? arg : isPlainObject(arg) ? Object.values(arg) : [];
    const owner = ownerAmong(inner);
    if (owner) return owner;
  }
  return undefined;
}
