/** Programs that do not do what the functions do that they were read from: those functions run by themselves. */
import { MisreadFunction, type Place, type UnreadableFunction } from "./errors.ts";

/** By program, so that all functions of the same content are known to be misread. */
const misread = new WeakMap<object, MisreadFunction>();

/** What was misread is as good as what cannot be read: whoever asks for the program from now on gets this error. */
export function markMisread(program: object, place: Place, what: string): MisreadFunction {
  const error = new MisreadFunction(place, what);
  misread.set(program, error);
  return error;
}

export function isMisread(program: object): boolean {
  return misread.has(program);
}

/** Throws {@link MisreadFunction}. */
export function requireReadRight<T extends object>(program: T): T {
  const error = misread.get(program);
  if (error) throw error;
  return program;
}

/** A warning. */
export function runsByItself({ message }: UnreadableFunction): string {
  return `It runs by itself, not compiled: ${message.split("\n")[0]}`;
}

/** Calls again where a function turned out to be misread on the way: it then runs by itself, if it can. */
export function redoing<T>(call: () => T): T {
  const found = new Set<MisreadFunction>();
  for (;;) {
    try {
      return call();
    } catch (error) {
      if (!(error instanceof MisreadFunction) || found.has(error)) throw error;
      found.add(error);
    }
  }
}
