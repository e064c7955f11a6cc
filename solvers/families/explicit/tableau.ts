/** Explicit Runge–Kutta tableaus, and their dense output (see step/dense-form.ts): each qⱼ is h times a combination of derivatives. */
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
  /**
   * Of a second embedded method, of lower order: the error is then |e|² / √(|e|² + 0.01 |ẽ|²) with the estimate e and this one, ẽ
   * (E. Hairer, S. P. Nørsett, G. Wanner, Solving Ordinary Differential Equations I, 2nd ed. (1993), II.10).
   */
  readonly coarseError?: readonly number[];
  /** The power of h that the error, so estimated, shrinks with. Default: the method's order. */
  readonly errorOrder?: number;
  /** Absent: the cubic Hermite polynomial. */
  readonly dense?: QuarticCorrection | StagePolynomials;
}

/** The cubic Hermite polynomial + θ²(1 − θ)² h Σ dᵢ kᵢ, over the stages and the derivative at the step's end. */
export interface QuarticCorrection {
  readonly d: readonly number[];
}

/** Over the stages, the derivative at the step's end, and `extra` stages made for this only. */
export interface StagePolynomials {
  /** Of each derivative what it counts for in q₀, q₁, … */
  readonly polynomials: readonly (readonly number[])[];
  readonly extra?: readonly Stage[];
}

/** Stages made for dense output only. */
export function extraStages({ dense }: ExplicitTableau): readonly Stage[] {
  return (dense && "polynomials" in dense && dense.extra) || [];
}

/** Weights of the qⱼ over the stages, the derivative at the step's end, and the extra stages. */
export function denseWeights({ stages, b, dense }: ExplicitTableau): readonly (readonly number[])[] {
  if (dense && "polynomials" in dense) {
    const { polynomials } = dense;
    const degree = Math.max(...polynomials.map((p) => p.length));
    return Array.from({ length: degree }, (_, j) => polynomials.map((p) => p[j] ?? 0));
  }
  const end = stages.length + 1;
  const weights = (start: number, step: number, last: number): number[] =>
    Array.from({ length: end + 1 }, (_, i) => (b[i] ?? 0) * step + (i === 0 ? start : 0) + (i === end ? last : 0));
  const [q0, q1] = [weights(1 / 2, 0, -1 / 2), weights(-1 / 2, 1, -1 / 2)];
  return dense ? [q0.map((w, i) => w + dense.d[i] / 4), q1, dense.d.map((d) => -d / 4)] : [q0, q1];
}
