import { explicit } from "../families/explicit/family.ts";
import { requireNoOptions, type NoOptions } from "../step/method.ts";
import type { ExplicitMethod, ExplicitTableau } from "../families/explicit/tableau.ts";

const tableau: ExplicitTableau = {
  stages: [
    { c: 1 / 2, a: [1 / 2] },
    { c: 1, a: [1 / 2, 1 / 2] },
    { c: 1 / 2, a: [1 / 6, 1 / 6, 1 / 6] },
  ],
  b: [1 / 6, 1 / 6, 1 / 6, 1 / 2],
  error: [-1 / 12, -1 / 12, -1 / 12, 1 / 4],
};

/**
 * Order 3 with an embedded method of order 2, strong stability preserving with coefficient 2: what a step of Euler's method does not
 * make larger (total variation, negative parts), a step twice as long does not either. For hyperbolic problems whose steps are limited
 * by `maxStep`. Dense output: cubic Hermite.
 *
 * J. F. B. M. Kraaijevanger, Contractivity of Runge–Kutta methods, BIT 31 (1991) 482–528;
 * embedded method: S. Fekete, S. Conde, J. N. Shadid, Embedded pairs for optimal explicit strong stability preserving Runge–Kutta
 * methods, J. Comput. Appl. Math. 412 (2022) 114325.
 */
export function ssprk43(options: NoOptions = {}): ExplicitMethod {
  requireNoOptions("ssprk43", options);
  return { name: "ssprk43", family: explicit, order: 3, tableau };
}
