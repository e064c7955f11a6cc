import { explicit } from "../families/explicit/family.ts";
import type { ExplicitMethod } from "../families/explicit/tableau.ts";
import { fixedStep, type FixedStepOptions } from "../step/fixed-step.ts";

/**
 * The explicit Euler method, order 1, with steps of fixed length `dt` (in units of t). Dense output: cubic Hermite.
 * Throws {@link MissingStepSize} without `dt`.
 */
export function euler(options: FixedStepOptions): ExplicitMethod {
  return { name: "euler", family: explicit, order: 1, tableau: { stages: [], b: [1] }, dt: fixedStep("euler", options) };
}
