/** Reducers of the library's own: by their names, and what they were given, other processes make them. */
import type { Reducer } from "./reducer.ts";

export interface Made {
  /** In the table of reducers. */
  readonly name: string;
  readonly given: unknown;
}

/** By identity: what is made of one by spreading it is another one. */
const all = new WeakMap<Reducer, Made>();

export function making<Result>(name: string, given: unknown, reducer: Reducer<Result>): Reducer<Result> {
  all.set(reducer, { name, given });
  return reducer;
}

/** Undefined of a reducer of the user's. */
export function madeOf(reducer: Reducer): Made | undefined {
  return all.get(reducer);
}
