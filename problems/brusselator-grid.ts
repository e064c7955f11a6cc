/** What the two forms of the two-dimensional Brusselator share: grid, initial state and forced cells. */
import { ndarray, type NdArray } from "../src/arrays/ndarray.ts";
import { UnsupportedValue } from "../src/core/errors.ts";

export type Field = NdArray<Float64Array>;

/** u then v on the unit square, shape [2, n, n], by species, y and x, with n points along each axis, edges included. */
export function initialState(n: number): Field {
  if (!Number.isInteger(n) || n < 2 || n > 4096)
    throw new UnsupportedValue(`n is ${String(n)}, but a grid needs a whole number of points, from 2 to 4096.`);
  const state = ndarray(new Float64Array(2 * n * n), [2, n, n]);
  for (let j = 0; j < n; j++) {
    for (let i = 0; i < n; i++) {
      const x = i / (n - 1);
      const y = j / (n - 1);
      state.set(0, j, i, 22 * (y * (1 - y)) ** 1.5);
      state.set(1, j, i, 27 * (x * (1 - x)) ** 1.5);
    }
  }
  return state;
}

/** 1 in the disc of radius 0.1 about (0.3, 0.6) and 0 elsewhere, shape [n, n]. */
export function forcedDisc(n: number): Field {
  const disc = ndarray(new Float64Array(n * n), [n, n]);
  for (let j = 0; j < n; j++) {
    for (let i = 0; i < n; i++) {
      const x = i / (n - 1);
      const y = j / (n - 1);
      // Some grids have points on the circle itself, which rounding must not decide.
      disc.set(j, i, (x - 0.3) ** 2 + (y - 0.6) ** 2 <= 0.01 + 1e-12 ? 1 : 0);
    }
  }
  return disc;
}

/** Every element the same, shape [n, n]. */
export function uniform(n: number, value: number): Field {
  return ndarray(new Float64Array(n * n).fill(value), [n, n]);
}
