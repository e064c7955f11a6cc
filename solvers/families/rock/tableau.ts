/**
 * Stabilised explicit methods whose stability polynomials are products of orthogonal ones with a factor that gives the order (A. Abdulle, A. A.
 * Medovikov 2001; A. Abdulle 2002): a recurrence of m stages,
 *
 *   Y₁ = u + μ₁ h f,   Yⱼ = μⱼ h f(Yⱼ₋₁) + (1 + κⱼ) Yⱼ₋₁ − κⱼ Yⱼ₋₂,
 *
 * and a step of an explicit Runge–Kutta method from Yₘ, whose stages finish the step.
 */
import type { Method } from "../../step/method.ts";

/** Needs the system's Jacobian. */
export type RockMethod = Method<RockTableau>;

export interface RockTableau {
  /** By their degrees m, ascending. */
  readonly polynomials: readonly RockPolynomial[];
  /** h ρ is at most this times s², less `offset`, for s stages with those that finish the step. */
  readonly reach: number;
  readonly offset: number;
  /** The power of h that the error estimate shrinks with. */
  readonly errorOrder: number;
}

export interface RockPolynomial {
  readonly degree: number;
  /** Where it is orthogonal: the recurrence follows from that, see recurrences.ts. */
  readonly interval: readonly [number, number];
  readonly finishing: Finishing;
}

/** The stages that finish the step. */
export interface Finishing {
  /** Of the stages behind the first. */
  readonly a: readonly (readonly number[])[];
  readonly b: readonly number[];
  /** The weights of the error estimate; there may be one more, of the slope at the step's end. */
  readonly error: readonly number[];
}
