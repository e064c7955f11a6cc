import { MissingStepSize } from "../../src/core/errors.ts";
import { checkOptions, type Checks } from "../../src/core/options/check.ts";
import { anything } from "../../src/core/options/kinds.ts";
import { explicit } from "../families/explicit/family.ts";
import type { ExplicitMethod } from "../families/explicit/tableau.ts";

/**
 * The explicit Euler method, order 1, with steps of fixed length `dt` (in units of t). Dense output: cubic Hermite.
 * Throws {@link MissingStepSize} without `dt`.
 */
export function euler(options: FixedStepOptions): ExplicitMethod {
  return { name: "euler", family: explicit, order: 1, tableau: { stages: [], b: [1] }, dt: fixedStep("euler", options) };
}

export interface FixedStepOptions {
  /** The length of every step, in units of t. */
  readonly dt: number;
}

const checks: Checks<FixedStepOptions> = { dt: anything };

/** Throws {@link MissingStepSize}. */
export function fixedStep(name: string, options: FixedStepOptions | undefined): number {
  if (options !== undefined) checkOptions(options, checks, name);
  const dt = options?.dt;
  if (!(typeof dt === "number" && dt > 0 && dt < Infinity)) throw new MissingStepSize(name, dt);
  return dt;
}
