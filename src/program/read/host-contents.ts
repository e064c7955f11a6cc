/** What of the host's memory a program holds as it was when the function was read. */
import type { HostContent } from "../ir.ts";
import { contentOf, sameContent } from "./contents.ts";

/** `numbersOf` gives the array as it is; `content` is what it was. */
export function arrayContent<T extends object>(
  name: string,
  object: T,
  numbersOf: (object: T) => ArrayLike<number>,
  content: ArrayLike<number>,
): HostContent {
  return {
    object,
    of: (another) => arrayContent(name, another as T, numbersOf, Array.from(numbersOf(another as T))),
    difference() {
      const array = numbersOf(object);
      if (array.length !== content.length) return `${name} had ${content.length} elements and has ${array.length}`;
      for (let i = 0; i < content.length; i++)
        if (!Object.is(array[i], content[i])) return `${name}[${i}] was ${content[i]} and is ${array[i]}`;
      return undefined;
    },
  };
}

/** Undefined for what is not the object's own value: it may be another one each time. */
export function propertyContent(object: object, name: string): HostContent | undefined {
  const property = Object.getOwnPropertyDescriptor(object, name);
  if (!property || !("value" in property)) return undefined;
  const before: unknown = property.value;
  return {
    object,
    of: (another) => propertyContent(another, name)!,
    difference() {
      const now: unknown = (object as Readonly<Record<string, unknown>>)[name];
      if (Object.is(now, before)) return undefined;
      return typeof now === "number" && typeof before === "number"
        ? `${name} was ${before} and is ${now}`
        : `${name} is another one`;
    },
  };
}

/** Of all that an object holds. */
export function wholeContent(name: string, object: object): HostContent {
  const before = contentOf(object);
  return {
    object,
    of: (another) => wholeContent(name, another),
    difference: () => (sameContent(before, contentOf(object), new Set()) ? undefined : `${name} hold other values`),
  };
}

/** Of the names of its properties. */
export function keysContent(object: object): HostContent {
  const before = Object.keys(object).join();
  return {
    object,
    of: keysContent,
    difference: () =>
      Object.keys(object).join() === before ? undefined : `its names were ${before} and are ${Object.keys(object).join()}`,
  };
}
