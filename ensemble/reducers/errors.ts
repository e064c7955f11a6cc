/** Errors of reducers. */
import { OdegradError } from "../../src/core/errors.ts";

/** A reducer that cannot be one: without a way to merge, or with a state that is none. */
export class BadReducer extends OdegradError {
  static override readonly name = "BadReducer";
}

/** A reducer that threw; what it threw is the cause. */
export class ReducerThrew extends OdegradError {
  static override readonly name = "ReducerThrew";

  /** `doing`: "add at trajectory 7". */
  constructor(reducer: string, doing: string, cause: unknown) {
    const what = cause instanceof Error ? `${cause.name}: ${cause.message}` : String(cause);
    super(`reduce.${reducer} threw in ${doing}: ${what}. It must take every trajectory that succeeded.`, { cause });
  }
}
