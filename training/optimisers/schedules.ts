/** Learning rates that change from step to step: functions of the step k = 0, 1, …, for `learningRate`. */
import { checkOptions, requireKeys, type Checks } from "../../src/core/options/check.ts";
import { notNegative, whole } from "../../src/core/options/kinds.ts";

/** The rate of step k. */
export type Schedule = (k: number) => number;

/** What `cosineDecay` takes. */
export interface CosineDecayOptions {
  readonly from: number;
  /** 0 by default. */
  readonly to?: number;
  /** After so many steps it is `to`, and stays so. */
  readonly steps: number;
}

/** What `exponentialDecay` takes. */
export interface ExponentialDecayOptions {
  readonly from: number;
  /** What the rate is multiplied by, over `every` steps. */
  readonly factor: number;
  /** 1 by default. */
  readonly every?: number;
}

const cosineChecks: Checks<CosineDecayOptions> = { from: notNegative, to: notNegative, steps: whole };
const exponentialChecks: Checks<ExponentialDecayOptions> = { from: notNegative, factor: notNegative, every: whole };

/**
 * Half a cosine, from one rate to another (I. Loshchilov, F. Hutter, SGDR: stochastic gradient descent with warm restarts, ICLR 2017,
 * equation 5, without restarts).
 *
 * @param options - The first rate, the last one, and the number of steps.
 * @returns The schedule, for `learningRate`.
 * @throws UnknownOption, BadOption.
 * @example
 * adam({ learningRate: cosineDecay({ from: 0.01, steps: 2000 }) });
 */
export function cosineDecay(options: CosineDecayOptions): Schedule {
  checkOptions(options, cosineChecks, "cosineDecay");
  requireKeys(options, "cosineDecay", "from", "steps");
  const { from, to = 0, steps } = options;
  return (k) => to + ((from - to) / 2) * (1 + Math.cos((Math.PI * Math.min(k, steps)) / steps));
}

/**
 * from factor^(k / every).
 *
 * @param options - The first rate, its factor, and over how many steps.
 * @returns The schedule, for `learningRate`.
 * @throws UnknownOption, BadOption.
 */
export function exponentialDecay(options: ExponentialDecayOptions): Schedule {
  checkOptions(options, exponentialChecks, "exponentialDecay");
  requireKeys(options, "exponentialDecay", "from", "factor");
  const { from, factor, every = 1 } = options;
  return (k) => from * factor ** (k / every);
}

/**
 * A rate that rises evenly from nothing, and goes on as another one.
 *
 * @param steps - How long it rises.
 * @param then - The rate, or the schedule, that it rises to the beginning of.
 * @returns The schedule, for `learningRate`.
 * @throws BadOption.
 */
export function warmUp(steps: number, then: number | Schedule): Schedule {
  whole(steps, "warmUp: steps");
  if (typeof then !== "function") notNegative(then, "warmUp: the rate");
  const rate: Schedule = typeof then === "function" ? then : () => then;
  return (k) => (k < steps ? (rate(0) * (k + 1)) / steps : rate(k - steps));
}
