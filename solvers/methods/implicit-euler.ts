import { sdirk } from "../families/sdirk/family.ts";
import type { SdirkMethod } from "../families/sdirk/tableau.ts";
import { fixedStep, type FixedStepOptions } from "../step/fixed-step.ts";

/**
 * The implicit Euler method, u₁ = u + h f(t₁, u₁), order 1, L-stable, with steps of fixed length `dt` (in units of t); the
 * tolerances are those of Newton's iterations. Dense output: cubic Hermite. Throws {@link MissingStepSize} without `dt`.
 *
 * E. Hairer, G. Wanner, Solving Ordinary Differential Equations II, 2nd ed. (1996), IV.3, table 3.1.
 */
export function implicitEuler(options: FixedStepOptions): SdirkMethod {
  const tableau = { a: [[1]], c: [1], b: [1] };
  return { name: "implicitEuler", order: 1, family: sdirk, tableau, dt: fixedStep("implicitEuler", options) };
}
