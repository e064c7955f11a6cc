import { explicit } from "../families/explicit/family.ts";
import { requireNoOptions, type NoOptions } from "../step/method.ts";
import type { ExplicitMethod, ExplicitTableau } from "../families/explicit/tableau.ts";

const tableau: ExplicitTableau = {
  stages: [{ c: 1 / 2, a: [1 / 2] }],
  b: [0, 1],
  error: [-1, 1],
};

/**
 * The explicit midpoint rule, order 2, with Euler's method embedded, for loose tolerances. Dense output: cubic Hermite.
 *
 * C. Runge, Ueber die numerische Auflösung von Differentialgleichungen, Math. Ann. 46 (1895) 167–178.
 */
export function midpoint(options: NoOptions = {}): ExplicitMethod {
  requireNoOptions("midpoint", options);
  return { name: "midpoint", family: explicit, order: 2, tableau };
}
