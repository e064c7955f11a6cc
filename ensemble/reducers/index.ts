/** Reducers by their names. */
import { mean } from "./mean.ts";
import type { Reducer } from "./reducer.ts";
import { variance } from "./variance.ts";

/** How each is made of what it is given. */
export const reducers = { mean, variance } as const satisfies Readonly<Record<string, (given: never) => Reducer>>;

export type ReducerName = keyof typeof reducers;
