import { explicit } from "../families/explicit/family.ts";
import { requireNoOptions, type NoOptions } from "../step/method.ts";
import type { ExplicitMethod, ExplicitTableau } from "../families/explicit/tableau.ts";

const tableau: ExplicitTableau = {
  stages: [{ c: 1, a: [1] }],
  b: [1 / 2, 1 / 2],
  error: [-1 / 2, 1 / 2],
};

/**
 * Heun's method, the trapezoidal rule made explicit, order 2, with Euler's method embedded, for loose tolerances. Dense output: cubic
 * Hermite.
 *
 * K. Heun, Neue Methoden zur approximativen Integration der Differentialgleichungen einer unabhängigen Veränderlichen, Z. Math. Phys.
 * 45 (1900) 23–38.
 */
export function heun(options: NoOptions = {}): ExplicitMethod {
  requireNoOptions("heun", options);
  return { name: "heun", family: explicit, order: 2, tableau };
}
