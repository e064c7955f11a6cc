/** What a user may say of the steps, beside their errors. */
import { BadOption } from "../../src/core/errors.ts";
import type { Check, Checks } from "../../src/core/options/check.ts";
import { positive } from "../../src/core/options/kinds.ts";
import { requireNumbers } from "../../src/core/options/lists.ts";
import type { ProblemCode } from "../../src/problem/code.ts";
import type { IntegrationRequest } from "../step-loop/request.ts";
import type { Method } from "../step/method.ts";
import {
  controllerCheck,
  normCheck,
  positiveCheck,
  stepControl,
  type ControllerOption,
  type NormOption,
  type PositiveOption,
} from "./step-control.ts";

export interface StepOptions<U = unknown> {
  /**
   * No step under error control is longer than this, in units of time: for what lasts shorter than the steps would be. Default: a
   * fiftieth of tspan, and an eighth of the shortest period of its sines of the time, where the right-hand side changes with time otherwise than at
   * times that are found in its text (see `stops`),
   * or cannot be read; else Infinity.
   */
  readonly maxStep?: number;
  /** Steps that would have to be shorter than this end the solve with StepUnderflow. Default: what changes the time at all. */
  readonly minStep?: number;
  /** Length of the first step. Default: chosen from the derivatives. */
  readonly firstStep?: number;
  /**
   * Times at which the right-hand side may become another one: each is the end of a step, and the solve begins anew from there, with
   * the right-hand side as it is on the other side. Those outside of tspan are ignored. Where the text shows such times they are found
   * without this: comparisons of t with constants and parameters, what rounds t, the nodes of tables.
   */
  readonly stops?: ArrayLike<number>;
  /**
   * The rule for the lengths of steps under error control: `integral()`, `pi()`, `pid("H211b")`, `predictive()`, with limits of how much
   * they change at once; or a function (error, previous, ratio, order) of the error (1 is what the tolerances allow), the one of the step
   * before, the ratio of their lengths, and the order of the error, that gives a factor; behind them it gets the constants. Default: `pi()` of explicit methods,
   * `predictive()` of implicit ones. Methods that choose order and length together, as fbdf, take none.
   */
  readonly controller?: ControllerOption;
  /**
   * What the errors of all components, each over its tolerance, amount to: their root mean square, the largest, or what a function of
   * them, in the state's shape, makes of them (behind them it gets the constants). Default "rms".
   */
  readonly norm?: NormOption<U>;
  /**
   * Components that are never negative, by their names, a part's name for all of it, or true for all: a step that would leave one negative
   * is rejected, and tried again shorter (L. F. Shampine, S. Thompson, J. A. Kierzenka, G. D. Byrne, Non-negative solutions of ODEs, Applied
   * Mathematics and Computation 170 (2005) 556–569). What is solved stays the same, and so do its derivatives; between steps the dense
   * output may be negative by what the tolerances allow. Where the solution itself becomes negative the solve ends with StepUnderflow.
   * Default: none.
   */
  readonly positive?: PositiveOption;
}

const times: Check = (value, what) => requireNumbers(value, what, BadOption);

export const stepChecks: Checks<StepOptions> = {
  maxStep: positive,
  minStep: positive,
  firstStep: positive,
  stops: times,
  controller: controllerCheck,
  norm: normCheck,
  positive: positiveCheck,
};

/** What an integration is asked for of them. */
export type StepSettings = Pick<IntegrationRequest, "maxStep" | "minStep" | "firstStep" | "stops" | "control">;

/** Those among other options. Throws as {@link stepControl} does. */
export function stepSettings<U>(options: StepOptions<U> & { readonly solver?: Method }, code: ProblemCode): StepSettings {
  const { maxStep, minStep, firstStep, stops } = options;
  return { maxStep, minStep, firstStep, stops, control: stepControl(options, code) };
}
