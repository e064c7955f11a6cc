/** What rewritten functions capture: as it is for functions that run on traced numbers. */
import { scopeOf } from "../../read/constants/scopes.ts";
import { refuse } from "../numbers/refusal.ts";

type CopyOf = (value: unknown, name: string) => unknown;

let copyOf: CopyOf = (value) => value;

/** From now on captured values are copied by this, as the constants of the recording are. */
export function copyCapturedBy(copy: CopyOf): void {
  copyOf = copy;
}

/** The names that a function captures, with copies of their values. */
export function capturedBy(fn: object): object {
  return new Proxy(Object.create(null) as Record<string, unknown>, {
    get: (_, name) => copyOf(scopeOf(fn)![name as string], name as string),
    set: (_, name) =>
      refuse(
        `\`${String(name)}\` is assigned, but comes from outside the function: what it holds would last from one call to the next. ` +
          "Declare it in the function; what is to last belongs in u.",
      ),
  });
}
