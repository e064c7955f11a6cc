/** Quantiles. */
import { ndarray, type NdArray } from "../../src/arrays/ndarray.ts";
import { requireRoom } from "../../src/core/memory.ts";
import { numbers } from "../../src/core/options/lists.ts";
import { BadReducer } from "./errors.ts";
import { making } from "./made.ts";
import type { Reducer } from "./reducer.ts";
import { addToDigest, DIGEST_SIZE, digestQuantile, mergeDigests } from "./t-digest.ts";

/**
 * The quantiles of probabilities from 0 to 1, of each component at each time, [Q, K, n], over the trajectories that succeeded: exact of few
 * trajectories, by a t-digest of many, whose error in the probability q is 0.016 √(q (1 − q)) at most.
 *
 * @throws BadReducer for what is no probability.
 */
export function quantiles(probabilities: readonly number[]): Reducer<NdArray<Float64Array>> {
  const list = numbers(probabilities, "quantiles", BadReducer);
  const wrong = list.findIndex((q) => !(q >= 0 && q <= 1));
  if (list.length === 0) throw new BadReducer("quantiles: there is no probability. Give some: quantiles([0.05, 0.5, 0.95]).");
  if (wrong >= 0) throw new BadReducer(`quantiles[${wrong}] is ${list[wrong]}, but must be a probability from 0 to 1: 0.95.`);
  return making("quantiles", [...list], {
    begin({ t, names }) {
      const cells = t.length * names.length;
      const what = `quantiles: digests of ${names.length} components at ${t.length} times`;
      requireRoom(what, cells, DIGEST_SIZE, (most) => `Save fewer times: ${most} numbers at most.`);
      return new Float64Array(cells * DIGEST_SIZE);
    },
    add(state, u) {
      for (let cell = 0; cell < u.length; cell++) if (!Number.isNaN(u[cell])) addToDigest(state, cell * DIGEST_SIZE, u[cell]);
    },
    merge(state, other) {
      const cells = state.length / DIGEST_SIZE;
      for (let cell = 0; cell < cells; cell++) mergeDigests(digestAt(state, cell), digestAt(other, cell));
    },
    end(state, { t, names }) {
      const cells = t.length * names.length;
      const values = new Float64Array(list.length * cells);
      list.forEach((q, i) => {
        for (let cell = 0; cell < cells; cell++) values[i * cells + cell] = digestQuantile(digestAt(state, cell), q);
      });
      return ndarray(values, [list.length, t.length, names.length]);
    },
  });
}

function digestAt(state: Float64Array, cell: number): Float64Array {
  return state.subarray(cell * DIGEST_SIZE, (cell + 1) * DIGEST_SIZE);
}
