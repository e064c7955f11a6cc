/** What the continuous adjoint methods differ in, as data. */
import type { MethodTraits } from "../shared/method.ts";

/** A continuous adjoint method. */
export interface ContinuousAdjoint {
  readonly name: string;
  readonly traits: MethodTraits;
  /** Where the forward solution comes from: its dense output, checkpoints from which it is solved again, or λ's own solve. */
  readonly states: "dense" | "recomputed" | "backward";
  /**
   * How dL/dp = ∫ λᵀ ∂f/∂p dt is integrated: within each step of either solve, adaptively after each stretch, or as further
   * states of λ's solve.
   */
  readonly integral: "stepwise" | "adaptive" | "augmented";
}
