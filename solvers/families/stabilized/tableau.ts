/** Stabilised explicit methods: as many stages as the spectral radius asks for, with coefficients that are formulas. */
import type { Method } from "../../step/method.ts";

/** Needs the system's Jacobian. */
export type StabilizedMethod = Method<StabilizedTableau>;

export interface StabilizedTableau {
  /** ε: the stability polynomial is at most 1 − ε / 3 away from the origin. */
  readonly damping: number;
  /** h ρ is at most this times s² − 1. */
  readonly reach: number;
  /** Steps that would take more are made shorter. */
  readonly mostStages: number;
  /** The power of h that the error estimate shrinks with. */
  readonly errorOrder: number;
}
