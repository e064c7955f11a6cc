/** Fits a model to observations. */
import { checkOptions, type Checks } from "../src/core/options/check.ts";
import { callable, count } from "../src/core/options/kinds.ts";
import type { OdeProblem } from "../src/problem/problem.ts";
import { badStart, modelChecks, modelOf, type ModelOptions } from "./objective/model.ts";
import { anOptimiser, minimise, optimiserFor, type FitProgress } from "./optimisers/minimise.ts";
import type { Iterate, Optimiser } from "./optimisers/optimiser.ts";
import type { Misfit } from "./objective/misfit.ts";
import type { Observations } from "./data/observations.ts";
import { judgedFit, type Course } from "./judge/judged-fit.ts";
import type { Fit } from "./judge/fit-result.ts";

/** What `fit` takes. */
export interface FitOptions extends ModelOptions {
  /** By default Levenberg-Marquardt for up to a hundred parameters, else ADAM for 300 iterations and then L-BFGS. */
  readonly optimiser?: Optimiser;
  /** 1000 by default. */
  readonly maxIterations?: number;
  /** Called after each iteration. */
  readonly onProgress?: (progress: FitProgress) => void;
}

export const fitChecks: Checks<FitOptions> = {
  ...modelChecks,
  optimiser: anOptimiser,
  maxIterations: count,
  onProgress: callable,
};

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
  checkOptions(options, fitChecks, "fit");
  const { optimiser, maxIterations, onProgress, ...model } = options;
  const { misfit, free } = modelOf("fit", problem as OdeProblem, data, model);
  const { state, course } = await descent(misfit, free.start, { optimiser, maxIterations, onProgress });
  return judgedFit<U, P>(problem as OdeProblem, misfit, free, state, course);
}

/** From x to a minimum. Throws BadStart. */
export async function descent(
  misfit: Misfit,
  x: Float64Array,
  { optimiser, maxIterations = 1000, onProgress }: Omit<FitOptions, keyof ModelOptions>,
): Promise<{ readonly state: Iterate; readonly course: Course }> {
  const chosen = optimiser ? { optimiser, why: "asked for" } : optimiserFor(x.length);
  const first = await chosen.optimiser.begin(misfit, x);
  if (first.value === Infinity) throw badStart(misfit.attempts.failure);
  const { state, iterations, ended } = await minimise(misfit, first, { optimiser: chosen.optimiser, maxIterations, onProgress });
  return { state, course: { optimiser: chosen.optimiser.name, why: chosen.why, ended, iterations } };
}
