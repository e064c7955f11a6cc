import { explicit } from "../families/explicit/family.ts";
import { requireNoOptions, type NoOptions } from "../step/method.ts";
import type { ExplicitMethod, ExplicitTableau } from "../families/explicit/tableau.ts";

const tableau: ExplicitTableau = {
  stages: [{ c: 2 / 3, a: [2 / 3] }],
  b: [1 / 4, 3 / 4],
  error: [-3 / 4, 3 / 4],
};

/**
 * The method of order 2 with the least bound of its truncation error among those of two stages, with Euler's method embedded, for loose
 * tolerances. Dense output: cubic Hermite.
 *
 * A. Ralston, Runge–Kutta methods with minimum error bounds, Math. Comp. 16 (1962) 431–437.
 */
export function ralston(options: NoOptions = {}): ExplicitMethod {
  requireNoOptions("ralston", options);
  return { name: "ralston", family: explicit, order: 2, tableau };
}
