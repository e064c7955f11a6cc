/** Numbers that users list. */
import { BadOption } from "../errors.ts";
import { shown } from "./shown.ts";

type Refusal = new (message: string) => Error;

/** An array, or what is like one. Anything else throws `Bad`. */
export function requireList(given: unknown, what: string, Bad: Refusal): asserts given is ArrayLike<unknown> {
  if (typeof given === "object" && given !== null && "length" in given && isLength(given.length)) return;
  const instead = typeof given === "number" ? `: [${given}]` : given instanceof Set ? `: [...numbers]` : "";
  throw new Bad(`${what} is ${shown(given)}, but must be an array of numbers${instead}.`);
}

/** Of this many entries, `each` says for what. Throws {@link BadOption}. */
export function requireLength(list: ArrayLike<unknown>, length: number, what: string, each: string): void {
  if (list.length !== length)
    throw new BadOption(`${what} has ${list.length} entries, but must have ${length}: one for each ${each}.`);
}

function isLength(value: unknown): boolean {
  return Number.isInteger(value) && (value as number) >= 0 && (value as number) < 2 ** 32;
}

/** An array of finite numbers. Anything else throws `Bad`. */
export function requireNumbers(given: unknown, what: string, Bad: Refusal): asserts given is ArrayLike<number> {
  requireList(given, what, Bad);
  for (let i = 0; i < given.length; i++) {
    if (!Number.isFinite(given[i])) throw new Bad(`${what}[${i}] is ${shown(given[i])}, but must be a finite number.`);
  }
}

/** A copy of an array of finite numbers; anything else throws `Bad`. */
export function numbers(given: unknown, what: string, Bad: Refusal): Float64Array {
  requireNumbers(given, what, Bad);
  return Float64Array.from(given);
}
