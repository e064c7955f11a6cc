import { sdirk } from "../families/sdirk/family.ts";
import type { SdirkMethod } from "../families/sdirk/tableau.ts";
import { fixedStep, type FixedStepOptions } from "../step/fixed-step.ts";

/**
 * The trapezoidal rule, u₁ = u + h (f(t, u) + f(t₁, u₁))/2, order 2, A-stable, with steps of fixed length `dt` (in units of t): in
 * time what is called Crank–Nicolson for partial differential equations. The tolerances are those of Newton's iterations. What decays
 * at once is not damped, it changes sign from step to step. Dense output: cubic Hermite. Throws {@link MissingStepSize} without `dt`.
 *
 * J. Crank, P. Nicolson, A practical method for numerical evaluation of solutions of partial differential equations of the
 * heat-conduction type, Proc. Camb. Phil. Soc. 43 (1947) 50–67.
 */
export function trapezoid(options: FixedStepOptions): SdirkMethod {
  const tableau = { a: [[0], [1 / 2, 1 / 2]], c: [0, 1], b: [1 / 2, 1 / 2], atInfinity: 1 };
  return { name: "trapezoid", order: 2, family: sdirk, tableau, dt: fixedStep("trapezoid", options) };
}
