/** What functions capture, for people: by name, with what the functions that they call capture, too. */
import { arrayOperationOf } from "../../operations/override.ts";
import { isPlainObject } from "../../core/array-values.ts";
import { isImport } from "../syntax/injected.ts";
import { scopeOf } from "./scopes.ts";

export type Captured = Readonly<Record<string, unknown>>;

/** So many are listed; who captures more captures a library. */
const MOST = 100;

/**
 * What a function captures, as it was when it was last looked at, but for what is of odegrad itself; of an object or a module what is taken of
 * it. What a function among it captures goes by both names: `drag.density`.
 */
export function capturedBy(fn: object): Captured {
  const found: Record<string, unknown> = {};
  list(fn, "", found, new Set());
  return found;
}

function list(fn: object, prefix: string, found: Record<string, unknown>, met: Set<object>): void {
  if (met.has(fn) || met.size > MOST) return;
  met.add(fn);
  for (const [name, value] of Object.entries(scopeOf(fn) ?? {})) note(name, value, prefix, found, met);
}

function note(name: string, value: unknown, prefix: string, found: Record<string, unknown>, met: Set<object>): void {
  if (isOfLibrary(value)) return;
  const members = membersOf(value);
  // A module as bundlers name it: what is taken of it was imported by its name.
  if (isImport(name)) return members.forEach(([key, part]) => note(key, part, prefix, found, met));
  found[prefix + name] = value;
  if (typeof value === "function") list(value, `${prefix}${name}.`, found, met);
  for (const [key, part] of members) if (typeof part === "function") list(part, `${prefix}${name}.${key}.`, found, met);
}

/** Of a plain object, without calling a getter: one of a problem lists what is captured, too. */
function membersOf(value: unknown): [string, unknown][] {
  if (!isPlainObject(value)) return [];
  return Object.entries(Object.getOwnPropertyDescriptors(value)).flatMap(([key, { get, enumerable, value: part }]) =>
    get || !enumerable ? [] : [[key, part]],
  );
}

/** `within`: the objects around it, of which none is of the library because of itself. */
function isOfLibrary(value: unknown, within: readonly object[] = []): boolean {
  if (typeof value === "function") return arrayOperationOf(value) !== undefined;
  if (!isPlainObject(value) || within.includes(value)) return false;
  const parts = membersOf(value);
  return parts.length > 0 && parts.every(([, part]) => isOfLibrary(part, [...within, value]));
}

/** Each in a few words: "k = 2", "table (Float64Array of 3)". */
export function shownCaptured(captured: Captured): string[] {
  return Object.entries(captured).map(([name, value]) => {
    if (typeof value === "number" || typeof value === "boolean") return `${name} = ${value}`;
    if (typeof value === "string") return `${name} = ${JSON.stringify(value)}`;
    if (typeof value !== "object" || value === null)
      return typeof value === "function" ? `${name} (function)` : `${name} = ${String(value)}`;
    const { length, constructor } = value as { readonly length?: number; readonly constructor?: { readonly name?: string } };
    const kind = (typeof constructor === "function" && constructor.name) || "Object";
    return typeof length === "number" ? `${name} (${kind} of ${length})` : `${name} (${kind})`;
  });
}

/** The numbers among it, in plain objects, too: "k = 2", "config.rate = 3". */
export function numbersCaptured(captured: Captured, within: readonly object[] = []): string[] {
  return Object.entries(captured).flatMap(([name, value]) => {
    if (typeof value === "number") return [`${name} = ${value}`];
    if (!isPlainObject(value) || within.includes(value)) return [];
    const members = membersOf(value).map(([key, part]) => [`${name}.${key}`, part]);
    return numbersCaptured(Object.fromEntries(members), [...within, value]);
  });
}
