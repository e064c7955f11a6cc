/** Options of named problems. */
import { checkOptions, type Checks } from "../src/core/options/check.ts";
import { finite, text } from "../src/core/options/kinds.ts";

/** Of problems that have none. */
export type NoOptions = Readonly<Record<string, never>>;

/** The options, with the defaults for those that are absent or undefined. Throws UnknownOption and BadOption. */
export function completed<T extends object>(name: string, defaults: T, options: Partial<T>): T {
  const checks = Object.fromEntries(
    Object.entries(defaults).map(([key, value]) => [key, typeof value === "number" ? finite : text]),
  ) as Checks<T>;
  checkOptions(options, checks, name);
  return { ...defaults, ...Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined)) };
}
