/**
 * The values of the names that functions capture, where they can be seen: what a build plugin handed over. Each function has one object
 * that holds them, which is read, compared and checked for change as an object among the constants is.
 */
import { memo } from "../../core/memo.ts";
import { freeNames } from "../syntax/free-names.ts";
import { handedOverWith } from "../../core/captured.ts";

type Scope = Record<string, unknown>;

/** The object that holds what a function's free names stand for, as they did when they were last looked at. */
export function scopeOf(fn: object): Readonly<Scope> | undefined {
  return handedOverWith(fn) && scopeObject(fn);
}

/** Looks what the free names of a function stand for now. */
export function lookAtScope(fn: object): Readonly<Scope> | undefined {
  const scope = scopeOf(fn) as Scope | undefined;
  if (scope) update(fn, scope);
  return scope;
}

/** Looks again at what of these objects is a function's scope. */
export function lookAtScopes(objects: Iterable<object>): void {
  for (const object of new Set(objects)) {
    const fn = functions.get(object);
    if (fn) update(fn, object as Scope);
  }
}

const functions = new WeakMap<object, object>();

const scopeObject = memo((fn: object): Scope => {
  const scope: Scope = {};
  functions.set(scope, fn);
  update(fn, scope);
  return scope;
});

/** In the order of the text, in which it is compared. */
function update(fn: object, scope: Scope): void {
  const names = initialised(handedOverWith(fn)!) ?? {};
  for (const name of freeNames(fn).keys()) {
    delete scope[name];
    if (!(name in names)) continue;
    initialised(() => (scope[name] = names[name]));
  }
}

/** Undefined where that throws, as names do that are not initialised yet. */
function initialised<T>(value: () => T): T | undefined {
  try {
    return value();
  } catch (error) {
    if (error instanceof ReferenceError) return undefined;
    throw error;
  }
}
