/** The variance. */
import { ndarray, type NdArray } from "../../src/arrays/ndarray.ts";
import { moments } from "./moments.ts";
import { making } from "./made.ts";
import type { Reducer } from "./reducer.ts";

/** The sample variance (over the count less one) of each component at each time, [K, n]; NaN of fewer than two trajectories. */
export function variance(): Reducer<NdArray<Float64Array>> {
  return making("variance", undefined, {
    ...moments(2),
    end: (state, { t, names }) => {
      const cells = t.length * names.length;
      const variances = Float64Array.from({ length: cells }, (_, i) =>
        state[i] > 1 ? state[2 * cells + i] / (state[i] - 1) : NaN,
      );
      return ndarray(variances, [t.length, names.length]);
    },
  });
}
