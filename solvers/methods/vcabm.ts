/** Adams–Bashforth–Moulton methods of variable order and step, as in the code DEABM. */
import { adams } from "../families/adams/family.ts";
import { LARGEST_ORDER, type AdamsMethod } from "../families/adams/tableau.ts";
import { requireNoOptions, type NoOptions } from "../step/method.ts";

/**
 * Explicit, of the orders 1 to 12 as the solution allows, of variable step, with dense output of the step's order: for smooth problems that
 * are not stiff and whose right-hand sides cost much, as it takes two evaluations a step at any order. At low accuracy, or where the
 * right-hand side is cheap, Runge–Kutta methods such as `tsit5` and `vern7` are faster. Throws for unknown options.
 *
 * L. F. Shampine, M. K. Gordon, Computer Solution of Ordinary Differential Equations: The Initial Value Problem (1975); E. Hairer, S. P.
 * Nørsett, G. Wanner, Solving Ordinary Differential Equations I, 2nd ed. (1993), III.5.
 */
export function vcabm(options: NoOptions = {}): AdamsMethod {
  requireNoOptions("vcabm", options);
  const tableau = { largestOrder: LARGEST_ORDER, errorOrder: LARGEST_ORDER + 1, strictness: 1, restrainedFrom: 3 };
  return { name: "vcabm", order: LARGEST_ORDER, family: adams, tableau };
}
