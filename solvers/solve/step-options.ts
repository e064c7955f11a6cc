/** What a user may say of the steps, beside their errors. */
import { BadOption } from "../../src/core/errors.ts";
import type { Check, Checks } from "../../src/core/options/check.ts";
import { positive } from "../../src/core/options/kinds.ts";
import { requireNumbers } from "../../src/core/options/lists.ts";

export interface StepOptions {
  /**
   * No step under error control is longer than this, in units of time: for what lasts shorter than the steps would be. Default: a
   * fiftieth of tspan where the right-hand side changes with time otherwise than at times that are found in its text (see `stops`),
   * or cannot be read; else Infinity.
   */
  readonly maxStep?: number;
  /** Length of the first step. Default: chosen from the derivatives. */
  readonly firstStep?: number;
  /**
   * Times at which the right-hand side may become another one: each is the end of a step, and the solve begins anew from there, with
   * the right-hand side as it is on the other side. Those outside of tspan are ignored. Where the text shows such times they are found
   * without this: comparisons of t with constants and parameters, what rounds t, the nodes of tables.
   */
  readonly stops?: ArrayLike<number>;
}

const times: Check = (value, what) => requireNumbers(value, what, BadOption);

export const stepChecks: Checks<StepOptions> = { maxStep: positive, firstStep: positive, stops: times };

/** Those among other options. */
export function stepOptions({ maxStep, firstStep, stops }: StepOptions): StepOptions {
  return { maxStep, firstStep, stops };
}
