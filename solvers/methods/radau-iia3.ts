/** Collocation at the two nodes of Radau's right quadrature (E. Hairer, G. Wanner, Solving Ordinary Differential Equations II, 2nd ed. (1996), IV.5 and IV.8). */
import { radau } from "../families/radau/family.ts";
import type { RadauMethod } from "../families/radau/tableau.ts";
import { requireNoOptions, type NoOptions } from "../step/method.ts";

const nodes = [1 / 3, 1];

/**
 * Fully implicit, of order 3 with error control, L-stable: for stiff problems at loose tolerances. Its two stages are found together, which costs a
 * factorization of a complex matrix beside the real one. Its dense output and its error estimate are of order 3. Throws for unknown options.
 */
export function radauIIA3(options: NoOptions = {}): RadauMethod {
  requireNoOptions("radauIIA3", options);
  return { name: "radauIIA3", order: 3, family: radau, tableau: { nodes, errorOrder: 3 } };
}
