/** Objects that users write: every key is one that is known there, and every value of its kind. */
import { describe } from "../array-values.ts";
import { BadOption, UnknownOption } from "../errors.ts";
import { adviceOn } from "./names.ts";

/** Throws a named error where the value is not of a kind; `what` is its name in messages: "rtol", "backward.rtol". */
export type Check = (value: unknown, what: string) => void;

/** One for each key: a key of the interface without one does not compile, nor does one that the interface lacks. */
export type Checks<T> = { readonly [K in keyof T]-?: Check };

/**
 * `where` is the verb, or the path of an object within its options. Keys whose value is undefined are as good as absent.
 * Throws {@link UnknownOption}, {@link BadOption}, and what the checks throw.
 */
export function checkOptions<T>(given: unknown, checks: Checks<T>, where: string, path = ""): void {
  if (!isObject(given)) throw noObject(given, checks, where);
  const known = checks as Readonly<Record<string, Check>>;
  // Inherited ones too: they are read as well.
  for (const key in given) {
    const value = (given as Readonly<Record<string, unknown>>)[key];
    if (value === undefined) continue;
    if (!Object.hasOwn(known, key)) throw new UnknownOption(where, key, adviceOn(key, Object.keys(known)));
    known[key](value, path + key);
  }
}

/** Are these keys there? After `checkOptions`. Throws {@link BadOption}. */
export function requireKeys<T>(given: T, where: string, ...keys: readonly (keyof T & string)[]): void {
  const missing = keys.filter((key) => given[key] === undefined);
  if (missing.length > 0) throw new BadOption(`${where}: there is no ${missing.map((key) => `"${key}"`).join(", ")}. Give it.`);
}

/** Of an object within options; `required` are the keys that it must have. */
export function object<T>(checks: Checks<T>, ...required: readonly (keyof T & string)[]): Check {
  return (value, what) => {
    checkOptions(value, checks, what, `${what}.`);
    requireKeys(value as T, what, ...required);
  };
}

/** One that options may be: of any class of the user's own, but no list, date, promise and so on. */
export function isObject(value: unknown): value is object {
  return typeof value === "object" && value !== null && Object.prototype.toString.call(value) === "[object Object]";
}

function noObject<T>(given: unknown, checks: Checks<T>, where: string): BadOption {
  return new BadOption(
    `${where}: it is given ${describe(given)}, but takes an object with some of ${Object.keys(checks).join(", ")}.`,
  );
}
