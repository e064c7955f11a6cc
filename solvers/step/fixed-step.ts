/** Methods without an error estimate take steps of one length. */
import { MissingStepSize } from "./errors.ts";
import { checkOptions, type Checks } from "../../src/core/options/check.ts";
import { anything } from "../../src/core/options/kinds.ts";

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
