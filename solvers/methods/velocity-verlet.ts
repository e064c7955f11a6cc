import { symplectic } from "../families/symplectic/family.ts";
import type { SymplecticMethod } from "../families/symplectic/tableau.ts";
import { fixedStep, type FixedStepOptions } from "../step/fixed-step.ts";

/**
 * Verlet's method in its velocity form, order 2, symplectic and symmetric, with steps of fixed length `dt` (in units of t): for problems
 * stated as `rhs: { position, velocity }`. One call of `velocity` a step. The energy of a mechanical system oscillates and does not drift.
 * Dense output: cubic Hermite. Throws {@link MissingStepSize} without `dt`.
 *
 * W. C. Swope, H. C. Andersen, P. H. Berens, K. R. Wilson, A computer simulation method for the calculation of equilibrium constants for
 * the formation of physical clusters of molecules, J. Chem. Phys. 76 (1982) 637–649; E. Hairer, C. Lubich, G. Wanner, Geometric Numerical
 * Integration, 2nd ed. (2006), I.3.1.
 */
export function velocityVerlet(options: FixedStepOptions): SymplecticMethod {
  const dt = fixedStep("velocityVerlet", options);
  return { name: "velocityVerlet", order: 2, family: symplectic, tableau: { weights: [1] }, dt };
}
