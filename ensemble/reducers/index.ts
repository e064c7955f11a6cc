/** Reducers by their names, as other processes make them. */
import { histogram } from "./histogram.ts";
import { mean } from "./mean.ts";
import { quantiles } from "./quantiles.ts";
import type { Reducer } from "./reducer.ts";
import { variance } from "./variance.ts";

/** How each is made of what it is given. */
export const reducers = { mean, variance, quantiles, histogram } as const satisfies Readonly<
  Record<string, (given: never) => Reducer>
>;

export type ReducerName = keyof typeof reducers;
