import { sdirk } from "../families/sdirk/family.ts";
import type { SdirkMethod } from "../families/sdirk/tableau.ts";
import { fixedStep, type FixedStepOptions } from "../step/fixed-step.ts";

/**
 * The implicit midpoint rule, u₁ = u + h f(t + h/2, (u + u₁)/2), order 2, A-stable, symplectic: what is quadratic and conserved stays
 * so. With steps of fixed length `dt` (in units of t); the tolerances are those of Newton's iterations. What decays at once is not
 * damped, it changes sign from step to step. Dense output: cubic Hermite. Throws {@link MissingStepSize} without `dt`.
 *
 * E. Hairer, C. Lubich, G. Wanner, Geometric Numerical Integration, 2nd ed. (2006), II.1.1 and IV.2.1.
 */
export function implicitMidpoint(options: FixedStepOptions): SdirkMethod {
  const tableau = { a: [[1 / 2]], c: [1 / 2], b: [1], atInfinity: 1 };
  return { name: "implicitMidpoint", order: 2, family: sdirk, tableau, dt: fixedStep("implicitMidpoint", options) };
}
