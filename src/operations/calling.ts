/** Calls of users' functions. */
import { FunctionThrew, OdegradError } from "../core/errors.ts";

/** Where the value is needed. Throws {@link FunctionThrew} for what the function throws, but for what the library throws within it. */
export function called<T>(name: string, t: number | undefined, call: () => T): T {
  try {
    return call();
  } catch (error) {
    if (error instanceof OdegradError) throw error;
    throw new FunctionThrew(name, t === undefined ? "" : `at t = ${t}`, error);
  }
}

/** At arguments that are made up, and may be none that the function is for: undefined where it throws. */
export function ifItCanBe<T>(call: () => T): T | undefined {
  try {
    return call();
  } catch {
    return undefined;
  }
}
