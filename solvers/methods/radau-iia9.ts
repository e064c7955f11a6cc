/** Collocation at the five nodes of Radau's right quadrature (E. Hairer, G. Wanner, Stiff differential equations solved by Radau methods, J. Comput. Appl. Math. 111 (1999) 93–111). */
import { radau } from "../families/radau/family.ts";
import type { RadauMethod } from "../families/radau/tableau.ts";
import { requireNoOptions, type NoOptions } from "../step/method.ts";

/** The roots of P₅(2c − 1) − P₄(2c − 1), of Legendre polynomials. */
const nodes = [0.05710419611451768, 0.2768430136381238, 0.5835904323689168, 0.8602401356562195, 1];

/**
 * Fully implicit, of order 9 with error control, L-stable: for stiff problems at tight tolerances. Its five stages are found together, which costs a
 * factorization of a complex matrix beside the real one. Its dense output and its error estimate are of order 6. Throws for unknown options.
 */
export function radauIIA9(options: NoOptions = {}): RadauMethod {
  requireNoOptions("radauIIA9", options);
  return { name: "radauIIA9", order: 9, family: radau, tableau: { nodes, errorOrder: 6 } };
}
