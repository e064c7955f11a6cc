/**
 * The values of the names that functions capture, where they can be seen: what a build plugin handed over, or what the inspector shows. Each
 * function has one object that holds them, which is read, compared and checked for change as an object among the constants is.
 */
import { isPlainObject } from "../../core/array-values.ts";
import { memo } from "../../core/memo.ts";
import { arrayOperationOf } from "../../operations/override.ts";
import { isGlobal } from "../syntax/engine-globals.ts";
import { freeNames, usesIn, type Use } from "../syntax/free-names.ts";
import { isImport, isKnownByName } from "../syntax/injected.ts";
import type { ReadError } from "../../core/errors.ts";
import { CapturedVariable } from "../syntax/errors.ts";
import { hasText, sourceOf } from "../syntax/source.ts";
import { whyNoConstant } from "./hidden-state.ts";
import { handedOverWith, writtenTextOf } from "../../core/captured.ts";
import { internalsOf, type Scopes } from "../syntax/node-inspector.ts";

type Names = Record<string, unknown>;

/** The object that holds what a function's free names stand for, as they did when they were last looked at; of those that are known. */
export function scopeOf(fn: object): Readonly<Names> | undefined {
  return hasCaptured(fn) ? scopeObject(fn) : undefined;
}

/** Looks what the free names of a function stand for now. */
export function lookAtScope(fn: object): Readonly<Names> | undefined {
  const scope = scopeOf(fn);
  lookAtScopes(scope ? [scope] : []);
  return scope;
}

/**
 * Looks again at what of these objects is a function's scope; not where it holds operations of the library alone, which are imported mostly: a
 * look takes as long as a short solve, and where another one stands there, the function does not do what its program does.
 */
export function lookAtScopes(objects: Iterable<object>): void {
  const looked = [...objects].filter((object) => !holdsOperationsAlone(object));
  const functions = [...new Set(looked.flatMap((object) => functionsOf.get(object) ?? []))];
  const seen = internalsOf(functions.filter((fn) => !handsOverAll(fn)));
  for (const fn of functions) update(fn, scopeObject(fn), seen.get(fn)?.scopes ?? []);
}

/** Is a name known of what a function captures? */
export function isCaptured(fn: object, name: string): boolean {
  const scope = scopeOf(fn);
  return scope !== undefined && Object.hasOwn(scope, name);
}

/** What stands there for the free names of a function, as far as that is known: the objects themselves, of which {@link scopeOf} may have parts alone. */
export function valuesCaptured(fn: object): ReadonlyMap<string, unknown> {
  const values = new Map<string, unknown>();
  if (!hasCaptured(fn)) return values;
  const given = namesGiven(fn) ?? {};
  const scopes = handsOverAll(fn) ? [] : (internalsOf([fn]).get(fn)?.scopes ?? []);
  for (const name of freeNames(fn).keys()) {
    const holder = holderOf(name, given, scopes);
    if (holder && !isKnownByName(name)) initialised(() => values.set(name, holder[name]));
  }
  return values;
}

function holderOf(name: string, given: Readonly<Names>, scopes: Scopes): Readonly<Names> | undefined {
  if (name in given) return given;
  return scopes.find((each, k) => name in each && !(k === scopes.length - 1 && isOfEngine(name, each))) as Names | undefined;
}

function holdsOperationsAlone(scope: object): boolean {
  const values = Object.values(scope) as unknown[];
  return values.length > 0 && values.every((value) => typeof value === "function" && arrayOperationOf(value) !== undefined);
}

/** By their scopes' objects. */
const functionsOf = new WeakMap<object, object>();

const scopeObject = memo((fn: object): Names => {
  const scope: Names = {};
  functionsOf.set(scope, fn);
  update(fn, scope, handsOverAll(fn) ? [] : (internalsOf([fn]).get(fn)?.scopes ?? []));
  return scope;
});

function hasCaptured(fn: object): boolean {
  return [...freeNames(fn).keys()].some((name) => !isKnownByName(name));
}

/** Text that was handed over has other names than the engine's. */
function handsOverAll(fn: object): boolean {
  if (writtenTextOf(fn)) return true;
  const names = namesGiven(fn);
  return names !== undefined && [...freeNames(fn).keys()].every((name) => isKnownByName(name) || name in names);
}

function namesGiven(fn: object): Readonly<Names> | undefined {
  const given = handedOverWith(fn);
  return given && initialised(given);
}

/** In the order of the text, in which it is compared. */
function update(fn: object, scope: Names, scopes: Scopes): void {
  const given = namesGiven(fn) ?? {};
  for (const [name, use] of usesIn(fn)) {
    const { [name]: before } = scope;
    delete scope[name];
    if (isKnownByName(name)) continue;
    const holder = holderOf(name, given, scopes);
    if (holder) initialised(() => (scope[name] = partOf(fn, holder[name], use, before, name)));
  }
}

/** Is it a global that the engine has? */
function isOfEngine(name: string, globals: object): boolean {
  if (isGlobal(name)) return true;
  const value = (globals as Names)[name];
  return typeof value === "function" && !hasText(value);
}

/**
 * Of a module, or of another object none of whose methods are called, what is taken of it: it may hold a whole library, or lead to a whole
 * page.
 */
function partOf(fn: object, value: unknown, use: Use, before: unknown, name: string): unknown {
  if (use.isWhole || typeof value !== "object" || value === null) return value;
  // It is refused, by its name.
  if (whyNoConstant(value, name)) return value;
  if (use.hasMethods && !isModule(value) && !isImport(name)) return value;
  // One that has a state of its own is looked at as such.
  const { constructor } = value;
  const isOfClass = !isModule(value) && !isPlainObject(value) && typeof constructor === "function" && hasText(constructor);
  const prototype: unknown = isOfClass ? Object.getPrototypeOf(value) : Object.prototype;
  const isKept = parts.has(before as object) && Object.getPrototypeOf(before) === prototype;
  const part = isKept ? (before as Names) : (Object.create(prototype as object) as Names);
  parts.add(part);
  functionsOf.set(part, fn);
  for (const member of use.members) {
    // Also of what a getter of its class gives.
    Object.defineProperty(part, member, {
      value: (value as Names)[member],
      enumerable: true,
      configurable: true,
      writable: true,
    });
  }
  return part;
}

/** Objects that stand for modules, and for others of which something is taken. */
const parts = new WeakSet<object>();

/** Also those that bundlers make of them: objects of nothing but getters, each of an export. */
function isModule(value: object): boolean {
  if ((value as { [Symbol.toStringTag]?: unknown })[Symbol.toStringTag] === "Module" || "__esModule" in value) return true;
  const members = Object.values(Object.getOwnPropertyDescriptors(value));
  return members.length > 0 && members.every(({ get, set }) => get !== undefined && set === undefined);
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

/** Of a function that captures what is more than is gone through. */
export function capturesTooMuch({ fn, name }: { readonly fn: object; readonly name: string }, captured: string): ReadError {
  const { source, node } = sourceOf(fn, name);
  return source.error(CapturedVariable, usesIn(fn).get(captured)?.node ?? node, {
    construct: captured,
    what: `\`${captured}\` leads to more functions, or objects, than are gone through: a whole library, it seems`,
    remedy:
      typeof valuesCaptured(fn).get(captured) === "function"
        ? `Call it before the problem is stated, const made = ${captured}(…), and use what it gives: made(…).`
        : `Take out of it what the function needs, const k = ${captured}.k, or pass that in \`constants\`.`,
  });
}
