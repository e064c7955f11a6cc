/** The objects that functions may write to, because they capture them: to see what they keep there from call to call. */
import { isPlainObject } from "../../core/array-values.ts";
import { arrayOperationOf } from "../../operations/override.ts";
import { definitionOf } from "../../operations/definitions.ts";
import { isImport } from "../syntax/injected.ts";
import { usesIn } from "../syntax/free-names.ts";
import { hasText } from "../syntax/source.ts";
import { valuesCaptured } from "./scopes.ts";

/** So many functions are gone through; who captures more captures a library. */
const MOST = 100;

/** By name, of a function, of those that it calls, and of the methods of what it captures. */
export function objectsCaptured(fn: object): Readonly<Record<string, object>> {
  const found: Record<string, object> = {};
  const met = new Set<object>();
  const visit = (each: object): void => {
    if (met.has(each) || met.size > MOST || definitionOf(each) || arrayOperationOf(each) || !hasText(each)) return;
    met.add(each);
    for (const [name, value] of valuesCaptured(each))
      for (const [key, part] of isImport(name) ? membersTaken(each, name, value) : [[name, value] as const]) note(key, part);
  };
  const note = (name: string, value: unknown): void => {
    if (typeof value === "function") return visit(value);
    if (typeof value !== "object" || value === null || met.has(value)) return;
    met.add(value);
    found[name] = value;
    for (const method of functionsIn(value)) visit(method);
  };
  visit(fn);
  return found;
}

/** Of a module as bundlers name it, what the function takes of it. */
function membersTaken(fn: object, name: string, module: unknown): (readonly [string, unknown])[] {
  return [...(usesIn(fn).get(name)?.members ?? [])].map((key) => [key, (module as Readonly<Record<string, unknown>>)[key]]);
}

/** Its own, and the methods of its classes; without calling a getter. */
function functionsIn(value: object): object[] {
  const found: object[] = [];
  for (let each = value; each && each !== Object.prototype; each = Object.getPrototypeOf(each) as object) {
    const isOwn = each === value;
    if (isOwn ? !isPlainObject(value) && !hasText(value.constructor) : !hasText(each.constructor)) break;
    for (const [key, { value: part }] of Object.entries(Object.getOwnPropertyDescriptors(each)))
      if (typeof part === "function" && key !== "constructor") found.push(part as object);
  }
  return found;
}
