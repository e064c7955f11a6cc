/**
 * What fitted standard deviations do to intervals. Those of maximum likelihood are too small, as the parameters were fitted with them, and are uncertain themselves
 * (G. A. F. Seber, C. J. Wild, Nonlinear Regression, 1989, sections 2.1.2 and 5.1).
 */
import { studentQuantile } from "../../src/core/student.ts";

/** The factor of their squares. NaN where there are no degrees of freedom. */
export function spreadOf(observations: number, degreesOfFreedom: number): number {
  if (degreesOfFreedom === Infinity) return 1;
  return degreesOfFreedom > 0 ? observations / degreesOfFreedom : NaN;
}

/** How many standard errors an interval reaches to either side. NaN where there are no degrees of freedom. */
export function reachOf(level: number, degreesOfFreedom: number): number {
  return degreesOfFreedom > 0 ? studentQuantile((1 + level) / 2, degreesOfFreedom) : NaN;
}
