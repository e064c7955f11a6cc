/**
 * Backward differentiation formulas of fixed leading coefficient (L. F. Shampine, Solving 0 = F(t, y(t), y′(t)) in Matlab, J. Numer.
 * Math. 10 (2002) 291–310), in the form of DASSL.
 */
import { bdf } from "../families/bdf/family.ts";
import type { BdfMethod } from "../families/bdf/tableau.ts";
import { newtonOptions, type NewtonOptions } from "../newton/krylov.ts";

/**
 * Implicit, of the orders 1 to 5 as the solution allows, of variable step, with dense output of the step's order: for stiff problems
 * whose linear systems or right-hand sides cost much, as it takes one of each in most iterations and few iterations a step. Orders from
 * 3 on are not A-stable: what oscillates and hardly decays is for `rodas5P` or `kvaerno5`. Throws for unknown options.
 *
 * K. E. Brenan, S. L. Campbell, L. R. Petzold, Numerical Solution of Initial-Value Problems in Differential-Algebraic Equations (1996),
 * 5.2.
 */
export function fbdf(options: NewtonOptions = {}): BdfMethod {
  return {
    name: "fbdf",
    order: 5,
    family: bdf,
    tableau: { largestOrder: 5, errorOrder: 6, strictness: 12 },
    ...newtonOptions("fbdf", options),
  };
}
