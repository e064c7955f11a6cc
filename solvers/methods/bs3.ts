import { explicit } from "../families/explicit/family.ts";
import { requireNoOptions, type NoOptions } from "../step/method.ts";
import type { ExplicitMethod, ExplicitTableau } from "../families/explicit/tableau.ts";

const tableau: ExplicitTableau = {
  stages: [
    { c: 1 / 2, a: [1 / 2] },
    { c: 3 / 4, a: [0, 3 / 4] },
  ],
  b: [2 / 9, 1 / 3, 4 / 9],
  error: [2 / 9 - 7 / 24, 1 / 3 - 1 / 4, 4 / 9 - 1 / 3, -1 / 8],
};

/**
 * Order 3 with an embedded method of order 2, for loose tolerances. Dense output: cubic Hermite.
 *
 * P. Bogacki, L. F. Shampine, A 3(2) pair of Runge–Kutta formulas, Appl. Math. Lett. 2 (1989) 321–325.
 */
export function bs3(options: NoOptions = {}): ExplicitMethod {
  requireNoOptions("bs3", options);
  return { name: "bs3", family: explicit, order: 3, tableau };
}
