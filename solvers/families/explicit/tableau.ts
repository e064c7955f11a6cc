/**
 * Explicit Runge–Kutta tableaus, and their dense output in the one form all methods share:
 *
 *   u(θ) = (1 − θ) u₀ + θ (u₁ + (1 − θ) (q₀ + θ q₁ + θ² q₂ + …)),   θ = (t − t₀) / h,
 *
 * which meets u₀ and u₁ exactly. Each qⱼ is h times a combination of derivatives.
 */
import type { Method } from "../../step/method.ts";

export type ExplicitMethod = Method<ExplicitTableau>;

/** A row of stage weights, with the point in time it belongs to. */
export interface Stage {
  readonly c: number;
  readonly a: readonly number[];
}

export interface ExplicitTableau {
  /** The second and later stages; the first is the derivative at the step's start. */
  readonly stages: readonly Stage[];
  readonly b: readonly number[];
  /**
   * b − b̂. One longer than b where the embedded method also uses the derivative at the step's end, which then is the next
   * step's first stage ("first same as last"). Absent: no error estimate, steps of fixed length.
   */
  readonly error?: readonly number[];
  /** Absent: the cubic Hermite polynomial. */
  readonly dense?: QuarticCorrection | StagePolynomials;
}

/** The cubic Hermite polynomial + θ²(1 − θ)² h Σ dᵢ kᵢ, over the stages and the derivative at the step's end. */
export interface QuarticCorrection {
  readonly d: readonly number[];
}

/** u(θ) = u₀ + h Σ bᵢ(θ) kᵢ, over the stages, the derivative at the step's end, and `extra` stages made for this only. */
export interface StagePolynomials {
  /** Coefficients of θ, θ², … of each bᵢ. */
  readonly polynomials: readonly (readonly number[])[];
  readonly extra?: readonly Stage[];
}

/** Weights of the qⱼ over the stages, the derivative at the step's end, and the extra stages. */
export function denseWeights({ stages, b, dense }: ExplicitTableau): readonly (readonly number[])[] {
  if (dense && "polynomials" in dense) return polynomialWeights(dense.polynomials);
  const end = stages.length + 1;
  const weights = (start: number, step: number, last: number): number[] =>
    Array.from({ length: end + 1 }, (_, i) => (b[i] ?? 0) * step + (i === 0 ? start : 0) + (i === end ? last : 0));
  const [q0, q1] = [weights(1, -1, 0), weights(-1, 2, -1)];
  return dense ? [q0, q1.map((w, i) => w + dense.d[i]), dense.d.map((d) => -d)] : [q0, q1];
}

/** b(θ) − θ b(1) = θ (1 − θ) Σ qⱼ θʲ, so qⱼ is minus the sum of the coefficients beyond θʲ⁺¹. */
function polynomialWeights(polynomials: readonly (readonly number[])[]): number[][] {
  const degree = Math.max(...polynomials.map((p) => p.length));
  return Array.from({ length: degree - 1 }, (_, j) => polynomials.map((p) => -p.slice(j + 1).reduce((sum, r) => sum + r, 0)));
}
