/**
 * Counts, means and sums of squared deviations: B. P. Welford (Technometrics 4, 1962) of one more value, T. F. Chan, G. H. Golub and
 * R. J. LeVeque (Updating formulae and a pairwise algorithm for computing sample variances, 1979, eq. 2.1) of two groups.
 */
import type { Reducer } from "./reducer.ts";

/** The state is of each of the K n cells the count, then the mean, then, of order 2, the sum of squared deviations. */
export function moments(order: 1 | 2): Pick<Reducer, "begin" | "add" | "merge"> {
  const rows = order + 1;
  return {
    begin: ({ t, names }) => new Float64Array(rows * t.length * names.length),
    add(state, u) {
      const cells = u.length;
      for (let i = 0; i < cells; i++) {
        const x = u[i];
        // NaN is no value.
        if (x !== x) continue;
        const count = ++state[i];
        const before = x - state[cells + i];
        state[cells + i] += before / count;
        if (order === 2) state[2 * cells + i] += before * (x - state[cells + i]);
      }
    },
    merge(state, other) {
      const cells = state.length / rows;
      for (let i = 0; i < cells; i++) {
        const count = state[i] + other[i];
        if (other[i] === 0) continue;
        const distance = other[cells + i] - state[cells + i];
        const part = other[i] / count;
        state[cells + i] += distance * part;
        if (order === 2) state[2 * cells + i] += other[2 * cells + i] + distance ** 2 * state[i] * part;
        state[i] = count;
      }
    },
  };
}
