import { explicit } from "../families/explicit/family.ts";
import { requireNoOptions, type NoOptions } from "../step/method.ts";
import type { ExplicitMethod, ExplicitTableau } from "../families/explicit/tableau.ts";

/** Of the embedded method, the first two weights. */
const weight = 0.291485418878409;

const tableau: ExplicitTableau = {
  stages: [
    { c: 1, a: [1] },
    { c: 1 / 2, a: [1 / 4, 1 / 4] },
  ],
  b: [1 / 6, 1 / 6, 2 / 3],
  error: [1 / 6 - weight, 1 / 6 - weight, 2 * weight - 1 / 3],
};

/**
 * Order 3 with an embedded method of order 2, strong stability preserving with coefficient 1: what a step of Euler's method does not
 * make larger (total variation, negative parts), a step as long does not either. For hyperbolic problems whose steps are limited by
 * `maxStep`. Dense output: cubic Hermite.
 *
 * C.-W. Shu, S. Osher, Efficient implementation of essentially non-oscillatory shock-capturing schemes, J. Comput. Phys. 77 (1988)
 * 439–471;
 * embedded method: S. Fekete, S. Conde, J. N. Shadid, Embedded pairs for optimal explicit strong stability preserving Runge–Kutta
 * methods, J. Comput. Appl. Math. 412 (2022) 114325.
 */
export function ssprk33(options: NoOptions = {}): ExplicitMethod {
  requireNoOptions("ssprk33", options);
  return { name: "ssprk33", family: explicit, order: 3, tableau };
}
