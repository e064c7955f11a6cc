/**
 * Adams' formulas, of variable order and step: the explicit one of order k predicts, the derivative there corrects by the implicit one of
 * order k + 1, and is evaluated again (PECE).
 *
 * L. F. Shampine, M. K. Gordon, Computer Solution of Ordinary Differential Equations: The Initial Value Problem (1975); E. Hairer, S. P.
 * Nørsett, G. Wanner, Solving Ordinary Differential Equations I, 2nd ed. (1993), III.5.
 */
import type { PastForm } from "../multistep/past.ts";
import type { Method } from "../../step/method.ts";

export type AdamsMethod = Method<AdamsTableau>;

export interface AdamsTableau {
  /** Of the orders from 1 to this one, at most 12, steps take that which lets them be longest. */
  readonly largestOrder: number;
  /** The power of h that the estimate of the largest order shrinks with. */
  readonly errorOrder: number;
  /** Estimates count so many times: the errors of many short steps sum to more than those of the few that one-step methods take. */
  readonly strictness: number;
  /**
   * From this order on it changes only where the step of the same one may not double. Over steps that double, the differences of order j grow
   * 2^(j-1) times in each: what they hold is small then, but where orders went on rising the sums of a sweep back over them would cancel,
   * to no digit left.
   */
  readonly restrainedFrom: number;
}

/** The orders that there is room for. */
export const LARGEST_ORDER = 12;

/**
 * The past, in modified divided differences of the derivative: Φ₁, Φ₂, … of Hairer, Nørsett and Wanner, III.5; Φ₀ is the derivative itself.
 * A step of order k reads Φ₁, …, Φₖ and leaves one more.
 */
export const adamsPast: PastForm = { largestOrder: LARGEST_ORDER, differences: LARGEST_ORDER + 1, lowest: 1 };
