/** Records what constants hold at one time, so that it can be compared with what others hold, or with what they hold later. */
import { arrayOperationOf } from "../../operations/override.ts";
import { isNdArray, isPlainObject, isTypedArray, type TypedArray } from "../../core/array-values.ts";
import { writtenTextOf } from "../../core/captured.ts";
import { definitionOf } from "../../operations/definitions.ts";
import { namesBound } from "./bindings.ts";
import { mayChangeUnseen } from "./hidden-state.ts";
import { lookAtScope } from "./scopes.ts";
import { hasText, textOf } from "../syntax/source.ts";
import { isNdArrayFunction } from "../../arrays/ndarray.ts";

/** A copy: it stays as it was. */
export interface Content {
  /** In the order in which they are met: numbers, names, texts of functions, copies of arrays of numbers. */
  readonly parts: readonly unknown[];
  /** The objects themselves, in that order too: those of equal content have the same indices. */
  readonly objects: readonly object[];
  /** The captured name by which there is more than is gone through; then it is like no other. */
  readonly tooMuchBy?: string;
  /** Is there something whose changes nobody sees? */
  readonly mayChangeUnseen: boolean;
}

/** The index of an object, or with the name of one of its properties: "3.rate". */
export type Location = number | string;

/** Numbers in memory, of the object at this index, or one in a property of it. */
class Numbers {
  constructor(
    readonly object: number,
    readonly data: ArrayLike<number>,
    readonly field?: string,
  ) {}

  get location(): Location {
    return locationOf(this.object, this.field);
  }
}

export function locationOf(object: number, field?: string): Location {
  return field === undefined ? object : `${object}.${field}`;
}

export function contentOf(...values: readonly unknown[]): Content {
  const walk = new ContentWalk();
  for (const value of values) walk.visit(value);
  const { parts, objects, tooMuchBy, mayChangeUnseen: isUnseen } = walk;
  return { parts, objects, tooMuchBy, mayChangeUnseen: isUnseen };
}

/** So many functions that capture names are gone through, and objects with them: who captures a whole library is not read. */
const MOST_SCOPES = 100;
const MOST_OBJECTS = 300_000;

class ContentWalk {
  readonly parts: unknown[] = [];
  readonly objects: object[] = [];
  tooMuchBy: string | undefined;
  mayChangeUnseen = false;
  private scopes = 0;
  private readonly indices = new Map<object, number>();
  private readonly memories = new Map<object, { readonly index: number; readonly offset: number }>();

  visit(value: unknown): void {
    const { parts, objects, indices } = this;
    if ((typeof value !== "object" && typeof value !== "function") || value === null) return void parts.push(value);
    if (this.isTooMuch) return void parts.push(Symbol("not looked at"));
    const met = indices.get(value);
    if (met !== undefined) return void parts.push(SEEN, met);
    const index = objects.push(value) - 1;
    indices.set(value, index);
    if (typeof value === "function") this.visitFunction(value);
    else if (isTypedArray(value)) this.visitTypedArray(value, index);
    else if (Array.isArray(value)) this.visitArray(value, index);
    else if (value instanceof Map || value instanceof Set) {
      parts.push(value.constructor, value.size);
      for (const part of value as Iterable<unknown>) this.visit(part);
    } else {
      parts.push(Object.getPrototypeOf(value));
      if (value instanceof Date) parts.push(value.getTime());
      if (!isNdArray(value) && mayChangeUnseen(value)) this.mayChangeUnseen = true;
      this.visitFields(value, index);
    }
  }

  private visitTypedArray(array: TypedArray, index: number): void {
    // Views of memory that another array has are not like arrays of their own.
    const first = this.memories.get(array.buffer);
    if (first === undefined) this.memories.set(array.buffer, { index, offset: array.byteOffset });
    else this.parts.push(SEEN, first.index, array.byteOffset - first.offset);
    this.parts.push(array.constructor, new Numbers(index, array.slice()));
  }

  private visitArray(array: readonly unknown[], index: number): void {
    if (array.length && array.every((x) => typeof x === "number")) {
      this.parts.push(Array, new Numbers(index, array.slice()));
      return;
    }
    this.parts.push(Array, array.length);
    array.forEach((part) => this.visit(part));
  }

  private visitFields(value: object, index?: number, visited?: (key: string) => void): void {
    const keys = Object.keys(value);
    this.parts.push(keys.length);
    for (const key of keys) {
      this.parts.push(key);
      const field = fieldOf(value, key);
      if (index !== undefined && typeof field === "number") this.parts.push(new Numbers(index, [field], key));
      else this.visit(field);
      visited?.(key);
    }
  }

  private visitScope(scope: object): void {
    const index = this.objects.push(scope) - 1;
    this.indices.set(scope, index);
    this.scopes++;
    let wasTooMuch = false;
    this.visitFields(scope, index, (name) => {
      if (this.isTooMuch && !wasTooMuch) this.tooMuchBy = name;
      wasTooMuch = this.isTooMuch;
    });
  }

  private get isTooMuch(): boolean {
    return this.scopes > MOST_SCOPES || (this.scopes > 0 && this.objects.length > MOST_OBJECTS);
  }

  private visitFunction(fn: object): void {
    const definition = definitionOf(fn);
    if (definition) return this.visitFields(definition.operator ?? definition);
    if (isNdArrayFunction(fn) || arrayOperationOf(fn) || !hasText(fn)) return void this.parts.push(fn);
    const scope = lookAtScope(fn);
    const names = namesBound(fn);
    // Of names that stand for what is not known, another function's may stand for something else.
    this.parts.push(names ? textOf(fn) : fn, names?.length);
    // One text may be handed over with functions that do not do the same.
    if (names && writtenTextOf(fn)) this.parts.push(Function.prototype.toString.call(fn));
    for (const [name, callee] of names ?? []) {
      this.parts.push(name);
      this.visit(callee);
    }
    if (scope) this.visitScope(scope);
    // A function may have properties.
    this.visitFields(fn);
  }
}

/** What a getter throws may be meant for others than us: it is like nothing. */
function fieldOf(value: object, key: string): unknown {
  try {
    return (value as Readonly<Record<string, unknown>>)[key];
  } catch {
    return Symbol("throws");
  }
}

const SEEN = Symbol("met before");
const NONE: ReadonlySet<Location> = new Set();

/** Is something met more than once, or are there views of one buffer? */
export function hasAliases({ parts }: Content): boolean {
  return parts.includes(SEEN);
}

/**
 * What stands where objects, and arrays of numbers, stood, among other constants of the same form; undefined where these are of
 * another form, or anything but numbers of arrays is another.
 */
export function counterpartsIn(before: unknown, now: unknown, into = new Map<object, object>()): Map<object, object> | undefined {
  if (Object.is(before, now)) return into;
  if (areArraysAlike(before, now)) return into.set(before as object, now as object);
  if (!isPlainObject(before) || !isPlainObject(now)) return undefined;
  into.set(before, now);
  const [names, others] = [Object.keys(before), Object.keys(now)];
  if (names.length !== others.length) return undefined;
  const isAlike = names.every((name, k) => name === others[k] && counterpartsIn(before[name], now[name], into));
  return isAlike ? into : undefined;
}

function areArraysAlike(a: unknown, b: unknown): boolean {
  if (isTypedArray(a)) return isTypedArray(b) && a.constructor === b.constructor && a.length === b.length;
  const isNumber = (x: unknown): boolean => typeof x === "number";
  return Array.isArray(a) && Array.isArray(b) && a.length === b.length && a.length > 0 && a.every(isNumber) && b.every(isNumber);
}

/** `except`: locations whose numbers do not count. */
export function sameContent(a: Content, b: Content, except: ReadonlySet<Location> = NONE): boolean {
  return a.parts.length === b.parts.length && a.parts.every((part, i) => isSame(part, b.parts[i], except));
}

/** Are two contents the same but for numbers in arrays and properties? */
export function sameForm(a: Content, b: Content): boolean {
  const isAlike = (x: unknown, y: unknown): boolean =>
    x instanceof Numbers && y instanceof Numbers ? x.data.length === y.data.length : Object.is(x, y);
  return a.parts.length === b.parts.length && a.parts.every((part, i) => isAlike(part, b.parts[i]));
}

/** Locations of the numbers in properties that are others; undefined where anything else is, but for what does not count. */
export function otherNumbers(a: Content, b: Content, except: ReadonlySet<Location>): ReadonlySet<Location> | undefined {
  if (a.parts.length !== b.parts.length) return undefined;
  const others = new Set<Location>();
  const isAlike = a.parts.every((part, i) => {
    if (isSame(part, b.parts[i], except)) return true;
    if (!(part instanceof Numbers && part.field !== undefined && b.parts[i] instanceof Numbers)) return false;
    others.add(part.location);
    return true;
  });
  return isAlike ? others : undefined;
}

function isSame(a: unknown, b: unknown, except: ReadonlySet<Location>): boolean {
  if (!(a instanceof Numbers && b instanceof Numbers)) return Object.is(a, b);
  if (a.data.length !== b.data.length) return false;
  if (a.field === undefined && except.has(a.object)) return true;
  for (let i = 0; i < a.data.length; i++) if (!Object.is(a.data[i], b.data[i])) return except.has(a.location);
  return true;
}
