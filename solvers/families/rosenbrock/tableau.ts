/**
 * Rosenbrock tableaus in the variables that need no product with the Jacobian (Hairer, Wanner, Solving Ordinary
 * Differential Equations II, IV.7):
 *
 *   (I/(γh) − J) Uᵢ = f(t + cᵢ h, u + Σ aᵢⱼ Uⱼ) + Σ (Cᵢⱼ/h) Uⱼ + h dᵢ ∂f/∂t,   u₁ = u + Σ bᵢ Uᵢ.
 *
 * With a mass matrix, M stands for I, and before Σ (Cᵢⱼ/h) Uⱼ.
 */
import type { Method } from "../../step/method.ts";

/** Needs the system's Jacobian. */
export type RosenbrockMethod = Method<RosenbrockTableau>;

export interface RosenbrockTableau {
  readonly gamma: number;
  /** Strictly lower triangles, row by row; a[0] is empty. */
  readonly a: readonly (readonly number[])[];
  readonly C: readonly (readonly number[])[];
  readonly c: readonly number[];
  readonly d: readonly number[];
  readonly b: readonly number[];
  /** Error estimate Σ eᵢ Uᵢ. */
  readonly error: readonly number[];
  /**
   * Where that estimate is blind, a second one beside it, δ of (M/(γh) − J) δ = weight (M u'(θ) − f(t + θh, u(θ))) with the dense
   * output's u(θ) (see residual.ts): one more evaluation a step, and one more system. Of the two the larger counts, in each component.
   */
  readonly residual?: { readonly theta: number; readonly weight: number };
  /** The power of h that the estimate shrinks with. */
  readonly errorOrder: number;
  /** Dense output: u(θ) = (1 − θ) u₀ + θ (u₁ + (1 − θ) Σⱼ θʲ Σᵢ Hⱼᵢ Uᵢ). */
  readonly H: readonly (readonly number[])[];
}
