/**
 * Collocation at the nodes of a Radau quadrature with the step's end among them (Hairer, Wanner, Solving Ordinary Differential Equations
 * II, IV.5): s stages, of order 2s − 1, L-stable. All coefficients follow from the nodes: see coefficients.ts.
 */
import type { Method } from "../../step/method.ts";

/** Needs the system's Jacobian. */
export type RadauMethod = Method<RadauTableau>;

export interface RadauTableau {
  /** Ascending; their number is odd or two, and the last is 1. */
  readonly nodes: readonly number[];
  /** The power of h that the error estimate shrinks with. */
  readonly errorOrder: number;
}
