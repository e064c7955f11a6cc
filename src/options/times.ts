/** Times that users list. */
import { shown } from "./kinds.ts";

type Refusal = new (message: string) => Error;

/** An array, or what is like one. Anything else throws `Bad`. */
export function requireList(given: unknown, what: string, Bad: Refusal): asserts given is ArrayLike<unknown> {
  if (typeof given === "object" && given !== null && "length" in given && Number.isInteger(given.length)) return;
  const instead = typeof given === "number" ? `: [${given}]` : given instanceof Set ? `: [...times]` : "";
  throw new Bad(`${what} is ${shown(given)}, but must be an array of times${instead}.`);
}

/** A copy of an array of finite numbers; anything else throws `Bad`. */
export function numbers(given: unknown, what: string, Bad: Refusal): Float64Array {
  requireList(given, what, Bad);
  const times = new Float64Array(given.length);
  for (let i = 0; i < times.length; i++) {
    const t: unknown = given[i];
    if (!Number.isFinite(t)) throw new Bad(`${what}[${i}] is ${shown(t)}, but must be a finite time.`);
    times[i] = t as number;
  }
  return times;
}
