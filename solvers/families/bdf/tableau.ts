/**
 * Backward differentiation formulas of fixed leading coefficient. With the polynomial P through the last k + 1 states and
 * γₖ = 1 + 1/2 + … + 1/k, that of order k is
 *
 *   f(t + h, u₁) = P′(t + h) + γₖ/h (u₁ − P(t + h)).
 *
 * K. R. Jackson, R. Sacks-Davis, An alternative implementation of variable step-size multistep formulas for stiff ODEs, ACM TOMS 6
 * (1980) 295–318.
 */
import type { Method } from "../../step/method.ts";

/** Needs the system's Jacobian. */
export type BdfMethod = Method<BdfTableau>;

export interface BdfTableau {
  /** Of the orders from 1 to this one, steps take that which lets them be longest. No formula beyond 5 serves: the sixth is hardly stable. */
  readonly largestOrder: 1 | 2 | 3 | 4 | 5;
  /** The power of h that the estimate of the largest order shrinks with. */
  readonly errorOrder: number;
  /** Estimates count so many times: the errors of many short steps sum to more than those of the few that one-step methods take. */
  readonly strictness: number;
}

/** The orders that there is room for. */
export const LARGEST_ORDER = 5;

/** γₖ, by k. */
export const leadingCoefficients = Float64Array.from({ length: LARGEST_ORDER + 1 }, (_, k) => {
  let sum = 0;
  for (let j = 1; j <= k; j++) sum += 1 / j;
  return sum;
});
