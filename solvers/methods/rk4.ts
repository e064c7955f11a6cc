import { explicit } from "../families/explicit/family.ts";
import type { ExplicitMethod, ExplicitTableau } from "../families/explicit/tableau.ts";
import { fixedStep, type FixedStepOptions } from "../step/fixed-step.ts";

const tableau: ExplicitTableau = {
  stages: [
    { c: 1 / 2, a: [1 / 2] },
    { c: 1 / 2, a: [0, 1 / 2] },
    { c: 1, a: [0, 0, 1] },
  ],
  b: [1 / 6, 1 / 3, 1 / 3, 1 / 6],
};

/**
 * The classical Runge–Kutta method, order 4, with steps of fixed length `dt` (in units of t). Dense output: cubic Hermite.
 * Throws {@link MissingStepSize} without `dt`.
 *
 * W. Kutta, Beitrag zur näherungsweisen Integration totaler Differentialgleichungen, Z. Math. Phys. 46 (1901) 435–453.
 */
export function rk4(options: FixedStepOptions): ExplicitMethod {
  return { name: "rk4", family: explicit, order: 4, tableau, dt: fixedStep("rk4", options) };
}
