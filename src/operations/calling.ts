/** Calls of users' functions. */
import { FunctionThrew, OdegradError } from "../core/errors.ts";

/** Where the value is needed. Throws {@link FunctionThrew} for what the function throws, but for what the library throws within it. */
export function called<T>(name: string, t: number | undefined, call: () => T): T {
  try {
    return call();
  } catch (error) {
    if (error instanceof OdegradError) throw error;
    throw new FunctionThrew(name, t === undefined ? "" : `at t = ${t}`, error, hintOf(error));
  }
}

/** What arrays have and typed arrays have not. */
const OF_ARRAYS = /(\S+)\.(concat|push|pop|shift|unshift|splice|flat|flatMap|toSpliced) is not a function/;

const UNDECLARED = /^Cannot access '(\S+)' before initialization/;

/** Of a failure that comes of what the library shows functions, or of when it calls them. */
function hintOf(error: unknown): string | undefined {
  const [, name] = (error instanceof ReferenceError && UNDECLARED.exec(error.message)) || [];
  if (name !== undefined) return `The declaration of ${name} comes later: solve behind it.`;
  const [, of, method] = (error instanceof TypeError && OF_ARRAYS.exec(error.message)) || [];
  if (method === undefined) return undefined;
  return `Vectors of u and p arrive as Float64Array, which has no ${method}: [...u] makes an array of one${of === "u" ? "" : `, if ${of} is one of those`}.`;
}

/** At arguments that are made up, and may be none that the function is for: undefined where it throws. */
export function ifItCanBe<T>(call: () => T): T | undefined {
  try {
    return call();
  } catch {
    return undefined;
  }
}
