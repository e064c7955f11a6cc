/** Records what a program took from the memory of the host when its function was read, and tells whether that has changed since. */
import { isPlainObject, isTypedArray } from "../../core/array-values.ts";
import type { HostContent, HostData } from "../../ir/ir.ts";
import { contentOf, sameContent } from "./contents.ts";
import { lookAtScopes } from "./scopes.ts";

/** `numbersOf` gives the array as it is; `content` is what it was. */
export function arrayContent<T extends object>(
  name: string,
  object: T,
  numbersOf: (object: T) => ArrayLike<number>,
  content: ArrayLike<number>,
  data?: HostData,
): HostContent {
  return {
    object,
    data,
    numbers: data && content,
    of: (another) => arrayContent(name, another as T, numbersOf, copyOf(numbersOf(another as T)), data),
    difference() {
      const array = numbersOf(object);
      if (array.length !== content.length) return `${name} had ${lengths(object, content.length, array.length)}`;
      for (let i = 0; i < content.length; i++)
        if (!Object.is(array[i], content[i])) return `${name}${positionIn(object, i)} was ${content[i]} and is ${array[i]}`;
      return undefined;
    },
  };
}

/** Says how many elements there were and are, or how many rows of nested arrays. */
function lengths(object: object, before: number, now: number): string {
  const rows = Array.isArray(object) && Array.isArray(object[0]) ? object.length : now;
  const had = before / (now / rows);
  return rows < now && Number.isInteger(had) ? `${had} rows and has ${rows}` : `${before} elements and has ${now}`;
}

/** The element that comes at this index where nested arrays are laid out flat: `[1][0]`. */
function positionIn(object: unknown, at: number): string {
  if (!Array.isArray(object) || !Array.isArray(object[0])) return `[${at}]`;
  let [i, left] = [0, at];
  for (let size = sizeOf(object[0]); left >= size; size = sizeOf(object[++i])) left -= size;
  return `[${i}]${positionIn(object[i], left)}`;
}

function sizeOf(part: unknown): number {
  return Array.isArray(part) ? part.reduce((sum: number, each) => sum + sizeOf(each), 0) : 1;
}

function copyOf(numbers: ArrayLike<number>): ArrayLike<number> {
  return isTypedArray(numbers) || Array.isArray(numbers) ? (numbers.slice() as ArrayLike<number>) : Array.from(numbers);
}

/** The content of some elements of an array, others of which are a work buffer. */
export function elementsContent<T extends object>(
  name: string,
  object: T,
  numbersOf: (object: T) => ArrayLike<number>,
  elements: readonly number[],
): HostContent {
  const before = numbersOf(object);
  const content = elements.map((i) => before[i]);
  const firstOther = (numbers: ArrayLike<number>): number => elements.findIndex((i, k) => !Object.is(numbers[i], content[k]));
  return {
    object,
    of: (another) => elementsContent(name, another as T, numbersOf, elements),
    holdsFor: (another) => firstOther(numbersOf(another as T)) < 0,
    difference() {
      const now = numbersOf(object);
      const k = firstOther(now);
      return k < 0 ? undefined : `${name}[${elements[k]}] was ${content[k]} and is ${now[elements[k]]}`;
    },
  };
}

/** What reading a property gives: the object's own value, or what a getter or the object's class gives, or undefined. */
export function propertyContent(object: object, name: string): HostContent {
  const valueOf = (of: object): unknown => (of as Readonly<Record<string, unknown>>)[name];
  const before = valueOf(object);
  // A getter may make another object each time.
  const made = isAccessor(object, name) ? contentOf(before) : undefined;
  const isSame = (now: unknown): boolean => Object.is(now, before) || (made !== undefined && sameContent(made, contentOf(now)));
  return {
    object,
    isPart: true,
    isState: made !== undefined || !(isPlainObject(object) || Array.isArray(object)),
    of: (another) => propertyContent(another, name),
    holdsFor: (another) => (isObject(before) && !made) || isSame(valueOf(another)),
    difference() {
      const now = valueOf(object);
      if (isSame(now)) return undefined;
      return isObject(now) || isObject(before) ? `${name} is another one` : `${name} was ${shown(before)} and is ${shown(now)}`;
    },
  };
}

function isObject(value: unknown): boolean {
  return (typeof value === "object" && value !== null) || typeof value === "function";
}

function shown(value: unknown): string {
  return typeof value === "string" ? JSON.stringify(value) : String(value);
}

function isAccessor(object: object, name: string): boolean {
  for (let owner: object | null = object; owner; owner = Object.getPrototypeOf(owner) as object | null) {
    const property = Object.getOwnPropertyDescriptor(owner, name);
    if (property) return Boolean(property.get);
  }
  return false;
}

/** The content of all that an object holds. */
export function wholeContent(name: string, object: object): HostContent {
  const before = contentOf(object);
  return {
    object,
    of: (another) => wholeContent(name, another),
    difference: () => (sameContent(before, contentOf(object)) ? undefined : `${name} hold other values`),
  };
}

/** The content of the names of an object's properties. */
export function keysContent(object: object): HostContent {
  const before = Object.keys(object).join();
  return {
    object,
    isPart: true,
    of: keysContent,
    difference: () =>
      Object.keys(object).join() === before ? undefined : `its names were ${before} and are ${Object.keys(object).join()}`,
  };
}

/** The first of what is otherwise now, "k was 2 and is 3"; undefined where nothing is. */
export function differenceIn(taken: readonly HostContent[]): string | undefined {
  lookAtScopes(taken.map(({ object }) => object));
  for (const content of taken) {
    const difference = content.difference();
    if (difference !== undefined) return difference;
  }
  return undefined;
}
