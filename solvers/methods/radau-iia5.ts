/** Collocation at the three nodes of Radau's right quadrature (E. Hairer, G. Wanner, Solving Ordinary Differential Equations II, 2nd ed. (1996), IV.5 and IV.8). */
import { radau } from "../families/radau/family.ts";
import type { RadauMethod } from "../families/radau/tableau.ts";
import { requireNoOptions, type NoOptions } from "../step/method.ts";

const nodes = [(4 - Math.sqrt(6)) / 10, (4 + Math.sqrt(6)) / 10, 1];

/**
 * Fully implicit, of order 5 with error control, L-stable: for stiff problems, also with algebraic equations, at middling to tight tolerances. Its three stages are found together, which costs a
 * factorization of a complex matrix beside the real one. Its dense output and its error estimate are of order 4. Throws for unknown options.
 */
export function radauIIA5(options: NoOptions = {}): RadauMethod {
  requireNoOptions("radauIIA5", options);
  return { name: "radauIIA5", order: 5, family: radau, tableau: { nodes, errorOrder: 4 } };
}
