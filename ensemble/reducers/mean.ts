/** The mean. */
import { ndarray, type NdArray } from "../../src/arrays/ndarray.ts";
import { moments } from "./moments.ts";
import { making } from "./made.ts";
import type { Reducer } from "./reducer.ts";

/** The mean of each component at each time, [K, n], over the trajectories that succeeded; NaN where there is none. */
export function mean(): Reducer<NdArray<Float64Array>> {
  return making("mean", undefined, {
    ...moments(1),
    end: (state, { t, names }) => {
      const cells = t.length * names.length;
      const means = Float64Array.from({ length: cells }, (_, i) => (state[i] > 0 ? state[cells + i] : NaN));
      return ndarray(means, [t.length, names.length]);
    },
  });
}
