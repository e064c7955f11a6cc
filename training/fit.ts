/** Fits a model to observations. */
import { checkOptions, type Check, type Checks } from "../src/core/options/check.ts";
import { callable, count, shown } from "../src/core/options/kinds.ts";
import type { OdeProblem } from "../src/problem/problem.ts";
import { BadOption } from "../src/core/errors.ts";
import { badStart, modelChecks, modelOf, type ModelOptions } from "./objective/model.ts";
import { adam } from "./optimisers/adam.ts";
import { inTurn } from "./optimisers/in-turn.ts";
import { lbfgs } from "./optimisers/lbfgs.ts";
import { levenbergMarquardt } from "./optimisers/levenberg-marquardt.ts";
import type { Optimiser } from "./optimisers/optimiser.ts";
import type { Observations } from "./data/observations.ts";
import { judgedFit } from "./judge/judged-fit.ts";
import type { Fit } from "./judge/fit-result.ts";

/** How far a fit has come. */
export interface FitProgress {
  readonly iteration: number;
  /** The lowest misfit so far. */
  readonly value: number;
}

/** What `fit` takes. */
export interface FitOptions extends ModelOptions {
  /** By default Levenberg-Marquardt for up to a hundred parameters, else ADAM for 300 iterations and then L-BFGS. */
  readonly optimiser?: Optimiser;
  /** 1000 by default. */
  readonly maxIterations?: number;
  /** Called after each iteration. */
  readonly onProgress?: (progress: FitProgress) => void;
}

/** Those that step in loops of one's own are functions. */
const anOptimiser: Check = (value, what) => {
  const { begin, step } = Object(value) as Partial<Optimiser>;
  if (typeof begin === "function" && typeof step === "function") return;
  throw new BadOption(`${what} is ${shown(value)}, but must be an optimiser, such as lbfgs() or adam({ learningRate: 0.01 }).`);
};

const checks: Checks<FitOptions> = { ...modelChecks, optimiser: anOptimiser, maxIterations: count, onProgress: callable };

/** Up to so many parameters the derivatives of a solution by all of them are carried along. */
const FEW = 100;

/**
 * Finds the parameters under which the observations are most likely.
 *
 * @param problem - The model; its p and u0 are where the fit starts, but for a `start` of a parameter's own.
 * @param data - The observations, or a list of those of several experiments.
 * @param options - What is fitted, how, and how the model is solved.
 * @returns The best fit, with standard errors, residuals, and what the data do not determine.
 * @throws UnknownOption, BadOption, BadParameter, BadData, and what `sensitivities` throws of a model that cannot be differentiated.
 * @throws BadStart where the model cannot be solved at the start.
 * @example
 * const { p, standardErrors } = await fit(lotkaVolterra, observations({ t, values: { prey, predator } }));
 */
export async function fit<U, P, C>(
  problem: OdeProblem<U, P, C>,
  data: Observations | readonly Observations[],
  options: FitOptions = {},
): Promise<Fit<U, P>> {
  checkOptions(options, checks, "fit");
  const { optimiser, maxIterations = 1000, onProgress, ...model } = options;
  const { misfit, free } = modelOf("fit", problem as OdeProblem, data, model);
  const chosen =
    optimiser ?? (free.list.length <= FEW ? levenbergMarquardt() : inTurn([adam({ learningRate: 0.01 }), 300], [lbfgs()]));
  const why = optimiser
    ? "asked for"
    : free.list.length <= FEW
      ? "few parameters, least squares"
      : "many parameters, which ADAM brings near and L-BFGS to the end";
  let state = await chosen.begin(misfit, free.start);
  if (state.value === Infinity) throw badStart(misfit.failure);
  let iterations = 0;
  while (!state.finished && iterations < maxIterations) {
    state = await chosen.step(misfit, state);
    iterations++;
    onProgress?.({ iteration: iterations, value: state.value });
  }
  const end = state.finished ?? `ended after ${maxIterations} iterations; raise maxIterations`;
  return judgedFit<U, P>(problem as OdeProblem, misfit, free, state, { optimiser: chosen.name, why, ended: end, iterations });
}
