/** Kinds of values that pictures of fits take: results, and parts of them. */
import { BadOption } from "../src/core/errors.ts";
import { isObject, type Check } from "../src/core/options/check.ts";
import { shown, text } from "../src/core/options/kinds.ts";

/** What has these, and may have more, as results of fits do. */
export function having<T>(checks: { readonly [K in keyof T]?: Check }): Check {
  return (value, what) => {
    if (!isObject(value))
      throw new BadOption(`${what} is ${shown(value)}, but must be an object with ${Object.keys(checks).join(", ")}.`);
    for (const [key, check] of Object.entries<Check | undefined>(checks)) {
      check!((value as Readonly<Record<string, unknown>>)[key], `${what}.${key}`);
    }
  };
}

/** What may be absent. */
export function perhaps(check: Check): Check {
  return (value, what) => {
    if (value !== undefined) check(value, what);
  };
}

/** Any names, each with something of a kind. */
export function byName(check: Check): Check {
  return (value, what) => {
    if (!isObject(value)) throw new BadOption(`${what} is ${shown(value)}, but must be an object: names, and what each has.`);
    for (const [name, one] of Object.entries(value)) check(one, `${what}.${name}`);
  };
}

/** What is written in place of names. */
export const labelsCheck = byName(text);

/** Throws BadOption. */
export function requireSome(list: readonly unknown[], what: string): void {
  if (list.length === 0) throw new BadOption(`${what} is empty, and there is nothing to draw.`);
}
