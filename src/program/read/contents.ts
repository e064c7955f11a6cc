/** What constants hold, at one time, to be compared with what others hold. */
import { arrayOperationOf } from "../../arrays/operations/index.ts";
import { isTypedArray } from "../../arrays/values.ts";
import { definitionOf } from "../../definitions.ts";
import { namesBound } from "./bindings.ts";
import { builtinOf } from "./builtins.ts";
import { hasText } from "./source.ts";

/** A copy: it stays as it was. */
export interface Content {
  /** In the order in which they are met: numbers, names, texts of functions, copies of arrays of numbers. */
  readonly parts: readonly unknown[];
  /** The objects themselves, in that order too: those of equal content stand in the same places. */
  readonly objects: readonly object[];
}

/** Numbers in memory, of the object in this place. */
class Numbers {
  constructor(
    readonly place: number,
    readonly data: ArrayLike<number>,
  ) {}
}

export function contentOf(...values: readonly unknown[]): Content {
  const parts: unknown[] = [];
  const objects: object[] = [];
  const places = new Map<object, number>();
  const memories = new Map<object, { readonly place: number; readonly offset: number }>();
  const walk = (value: unknown): void => {
    if ((typeof value !== "object" && typeof value !== "function") || value === null) return void parts.push(value);
    const met = places.get(value);
    if (met !== undefined) return void parts.push(SEEN, met);
    const place = objects.push(value) - 1;
    places.set(value, place);
    if (typeof value === "function") return ofFunction(value);
    if (isTypedArray(value)) {
      // Views of memory that another array has are not like arrays of their own.
      const first = memories.get(value.buffer);
      if (first === undefined) memories.set(value.buffer, { place, offset: value.byteOffset });
      else parts.push(SEEN, first.place, value.byteOffset - first.offset);
      return void parts.push(value.constructor, new Numbers(place, value.slice()));
    }
    if (Array.isArray(value)) {
      if (value.length && value.every((x) => typeof x === "number"))
        return void parts.push(Array, new Numbers(place, value.slice()));
      parts.push(Array, value.length);
      return value.forEach(walk);
    }
    if (value instanceof Map || value instanceof Set) {
      parts.push(value.constructor, value.size);
      return [...(value as Iterable<unknown>)].forEach(walk);
    }
    parts.push(Object.getPrototypeOf(value));
    ofFields(value);
  };
  const ofFields = (value: object): void => {
    const keys = Object.keys(value);
    parts.push(keys.length);
    for (const key of keys) {
      parts.push(key);
      walk((value as Readonly<Record<string, unknown>>)[key]);
    }
  };
  const ofFunction = (fn: object): void => {
    const definition = definitionOf(fn);
    if (definition?.operator) return ofFields(definition.operator);
    if (definition) return ofFields(definition);
    if (builtinOf(fn) || arrayOperationOf(fn) || !hasText(fn)) return void parts.push(fn);
    const names = namesBound(fn);
    // Of names that stand for what is not known, another function's may stand for something else.
    parts.push(names ? Function.prototype.toString.call(fn) : fn, names?.length);
    for (const [name, callee] of names ?? []) {
      parts.push(name);
      walk(callee);
    }
    // A function may have properties.
    ofFields(fn);
  };
  values.forEach(walk);
  return { parts, objects };
}

const SEEN = Symbol("met before");
const NONE: ReadonlySet<number> = new Set();

/** `except`: places of arrays whose numbers do not count. */
export function sameContent(a: Content, b: Content, except: ReadonlySet<number> = NONE): boolean {
  return a.parts.length === b.parts.length && a.parts.every((part, i) => isSame(part, b.parts[i], except));
}

function isSame(a: unknown, b: unknown, except: ReadonlySet<number>): boolean {
  if (!(a instanceof Numbers && b instanceof Numbers)) return Object.is(a, b);
  if (a.data.length !== b.data.length) return false;
  if (except.has(a.place)) return true;
  for (let i = 0; i < a.data.length; i++) if (!Object.is(a.data[i], b.data[i])) return false;
  return true;
}
