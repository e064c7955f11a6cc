/** Remembers programs that do not do what the functions do that they were read from: those functions run by themselves. */
import { MisreadFunction, type UnreadableFunction } from "./syntax/errors.ts";
import { type Place } from "../core/errors.ts";

/** By program, so that all functions of the same content are known to be misread. */
const misread = new WeakMap<object, MisreadFunction>();

/** Nothing mostly, which is asked for in every call. */
let count = 0;

/** What was misread is as good as what cannot be read: whoever asks for the program from now on gets this error. */
export function markMisread(program: object, place: Place, what: string): MisreadFunction {
  const error = new MisreadFunction(place, what);
  misread.set(program, error);
  count++;
  return error;
}

export function isMisread(program: object): boolean {
  return count > 0 && misread.has(program);
}

/** Throws {@link MisreadFunction}. */
export function requireReadRight<T extends object>(program: T): T {
  if (count > 0 && misread.has(program)) throw misread.get(program)!;
  return program;
}

/** A warning. */
export function runsByItself({ message }: UnreadableFunction): string {
  return byItself(message.split("\n")[0]);
}

export function byItself(reason: string): string {
  return `It runs by itself, not compiled: ${reason}`;
}

/** Calls again where a function turned out to be misread meanwhile: it then runs by itself, if it can. */
export function redoing<T>(call: () => T): T {
  const found: unknown[] = [];
  for (;;) {
    try {
      return call();
    } catch (error) {
      if (!(error instanceof MisreadFunction) || found.includes(error)) throw error;
      found.push(error);
    }
  }
}
