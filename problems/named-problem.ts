/** What every named problem offers. */
import { UnsupportedValue } from "../src/core/errors.ts";
import type { Loss, OdeProblem } from "../src/problem/problem.ts";

/** A problem, a loss of its solution, and what is known of both. */
export interface NamedProblem<U = unknown, P = unknown, C = unknown, LossConstants = unknown> {
  readonly problem: OdeProblem<U, P, C>;
  readonly loss: Loss<U, P, LossConstants>;
  readonly reference?: Reference<U, P>;
}

/** Known answers, correct to about all the digits given. */
export interface Reference<U = unknown, P = unknown> {
  /** State at the end of tspan. */
  readonly end?: U;
  /** Value of the loss. */
  readonly loss?: number;
  /** Its gradient with respect to p, the initial state held fixed. */
  readonly gradient?: P;
  /** Its gradient with respect to the initial state, p held fixed. */
  readonly gradientByInitialState?: U;
}

const MOST_SAMPLES = 1e6;

/** 0, step, 2 step, … up to and including `end`. */
export function sampleTimes(end: number, step: number): Float64Array {
  // Rounding may put a multiple of the step just beside the end.
  const intervals = Math.floor(end / step + 1e-9);
  if (!(intervals < MOST_SAMPLES))
    throw new UnsupportedValue(`tEnd is ${end}: more than ${MOST_SAMPLES} times, every ${step}, are too many.`);
  return Float64Array.from({ length: intervals + 1 }, (_, i) => Math.min(i * step, end));
}
