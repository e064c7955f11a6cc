/** What of the host's memory a program holds as it was when the function was read. */
import { isPlainObject } from "../../arrays/values.ts";
import type { HostContent } from "../ir.ts";

/** `now` gives the array as it is; `content` is what it was. */
export function arrayContent(name: string, now: () => ArrayLike<number>, content: ArrayLike<number>): HostContent {
  return {
    difference() {
      const array = now();
      if (array.length !== content.length) return `${name} had ${content.length} elements and has ${array.length}`;
      for (let i = 0; i < content.length; i++)
        if (!Object.is(array[i], content[i])) return `${name}[${i}] was ${content[i]} and is ${array[i]}`;
      return undefined;
    },
  };
}

/** Undefined for what is no plain object's own value: it may be another one each time. */
export function propertyContent(object: object, name: string): HostContent | undefined {
  const property = isPlainObject(object) ? Object.getOwnPropertyDescriptor(object, name) : undefined;
  if (!property || !("value" in property)) return undefined;
  const before: unknown = property.value;
  return {
    difference() {
      const now: unknown = (object as Readonly<Record<string, unknown>>)[name];
      if (Object.is(now, before)) return undefined;
      return typeof now === "number" && typeof before === "number"
        ? `${name} was ${before} and is ${now}`
        : `${name} is another one`;
    },
  };
}
