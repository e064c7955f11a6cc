/**
 * Diagonally implicit Runge–Kutta tableaus with one γ (Kennedy, Carpenter, Diagonally implicit Runge–Kutta methods for ordinary
 * differential equations, NASA/TM-2016-219173):
 *
 *   kᵢ = f(t + cᵢ h, u + h Σ aᵢⱼ kⱼ),  j ≤ i,   u₁ = u + h Σ bᵢ kᵢ,   the diagonal γ, or zero in the first row.
 */
import type { Method } from "../../step/method.ts";

/** Needs the system's Jacobian. */
export type SdirkMethod = Method<SdirkTableau>;

/**
 * With the stages of the implicit half, kᵢ of `stiff`, those of `nonstiff`, both at the same states (C. A. Kennedy, M. H. Carpenter, Additive
 * Runge–Kutta schemes for convection–diffusion–reaction equations, Appl. Numer. Math. 44 (2003) 139–181, equation 3):
 *
 *   Uᵢ = u + h Σ aᵢⱼ kⱼ + h Σ âᵢⱼ k̂ⱼ,   u₁ = u + h Σ bᵢ (kᵢ + k̂ᵢ).
 */
export interface ExplicitHalf {
  /** Strictly lower triangles, row by row. */
  readonly a: readonly (readonly number[])[];
  /** Error estimate h Σ eᵢ (kᵢ + k̂ᵢ), which is filtered. Default: that of the implicit half. */
  readonly error?: readonly number[];
}

export interface SdirkTableau {
  /** Lower triangles, row by row, the diagonal included. */
  readonly a: readonly (readonly number[])[];
  readonly c: readonly number[];
  readonly b: readonly number[];
  /** Error estimate h Σ eᵢ kᵢ; absent: steps of one length. */
  readonly error?: readonly number[];
  /**
   * Where the estimate grows with h J without bounds, it is multiplied by (I − γ h J)⁻¹ (L. F. Shampine, Implementation of implicit formulas
   * for the solution of ODEs, SIAM J. Sci. Stat. Comput. 1 (1980) 103–118). An estimate that stays bounded sees what decays within the
   * step, and is taken as it is.
   */
  readonly filtered?: true;
  /** The power of h that the estimate shrinks with. */
  readonly errorOrder?: number;
  /** dᵢ of a dense output that is the cubic Hermite polynomial + θ²(1 − θ)² h Σ dᵢ kᵢ; absent: the cubic alone, of order 3. */
  readonly correction?: readonly number[];
  /** Of an additive method: what a right-hand side in two parts, { stiff, nonstiff }, is taken by. */
  readonly explicit?: ExplicitHalf;
  /** |R(∞)|, what a step leaves of that which decays at once; absent: nothing, the method is L-stable. */
  readonly atInfinity?: number;
}
