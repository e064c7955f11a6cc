/** Fits a model to observations. */
import { checkOptions, type Checks } from "../src/core/options/check.ts";
import { anything, callable, count } from "../src/core/options/kinds.ts";
import type { OdeProblem } from "../src/problem/problem.ts";
import { FitCheckpoints } from "./checkpoints/fit-checkpoints.ts";
import { identityOf } from "./checkpoints/identity.ts";
import type { Checkpoint } from "./checkpoints/checkpoint.ts";
import { stoppingEarly, whereMetBest } from "./held-out/early-stop.ts";
import { heldOutMisfit } from "./held-out/held-out-misfit.ts";
import { descent } from "./objective/descent.ts";
import { modelChecks, modelOf, type ModelOptions } from "./objective/model.ts";
import { anOptimiser, optimiserFor, type FitProgress } from "./optimisers/minimise.ts";
import type { Iterate, Optimiser } from "./optimisers/optimiser.ts";
import type { Observations } from "./data/observations.ts";
import { judgedFit } from "./judge/judged-fit.ts";
import type { Fit } from "./judge/fit-result.ts";

/** What fits take, how many there are of them. */
export interface DescentOptions extends ModelOptions {
  /** By default Levenberg-Marquardt for up to a hundred parameters, else ADAM for 300 iterations and then L-BFGS. */
  readonly optimiser?: Optimiser;
  /** 1000 by default. */
  readonly maxIterations?: number;
  /** Called after each iteration. */
  readonly onProgress?: (progress: FitProgress) => void;
}

/** What `fit` takes. */
export interface FitOptions extends DescentOptions {
  /** Data that are not fitted: what is returned is where their misfit was lowest, looked at before the first iteration and after each. */
  readonly heldOut?: Observations | readonly Observations[];
  /** The fit ends after so many iterations without a lower misfit of held-out data. 20 by default. */
  readonly patience?: number;
  /** A checkpoint is made after so many iterations, and after the last one. 10 by default. */
  readonly every?: number;
  /** Gets what `resume` takes; it can be written as JSON. */
  readonly onCheckpoint?: (checkpoint: Checkpoint) => void;
  /**
   * A checkpoint to go on from, with the same model, data and options (but `maxIterations`, which counts those before, too): the numbers are
   * those of a fit without a break.
   */
  readonly resume?: Checkpoint;
}

export const descentChecks: Checks<DescentOptions> = {
  ...modelChecks,
  optimiser: anOptimiser,
  maxIterations: count,
  onProgress: callable,
};
const checks: Checks<FitOptions> = {
  ...descentChecks,
  heldOut: anything,
  patience: count,
  every: count,
  onCheckpoint: callable,
  resume: anything,
};

/**
 * Finds the parameters under which the observations are most likely.
 *
 * @param problem - The model; its p and u0 are where the fit starts, but for a `start` of a parameter's own.
 * @param data - The observations, or a list of those of several experiments.
 * @param options - What is fitted, how, and how the model is solved.
 * @returns The best fit, with standard errors, residuals, and what the data do not determine; of one that did not come to a minimum the
 * lowest that it found, with `converged` false and why it ended among the warnings. With `heldOut`, what met those best on the way.
 * @throws UnknownOption, BadOption, BadParameter, BadData, and what `sensitivities` throws of a model that cannot be differentiated.
 * @throws BadStart where the model cannot be solved at the start, and BadTrainingOption where `resume` is of another fit.
 * @throws What `signal` says, an AbortError, once it is aborted: what was found until then is in the last checkpoint.
 * @example
 * const { p, standardErrors } = await fit(lotkaVolterra, observations({ t, values: { prey, predator } }));
 */
export async function fit<U, P, C>(
  problem: OdeProblem<U, P, C>,
  data: Observations | readonly Observations[],
  options: FitOptions = {},
): Promise<Fit<U, P>> {
  checkOptions(options, checks, "fit");
  const { optimiser, maxIterations, onProgress, every = 10, onCheckpoint, resume, heldOut, patience = 20, ...model } = options;
  const { misfit, free, experiments } = modelOf("fit", problem as OdeProblem, data, model);
  const others = heldOutMisfit("fit", problem as OdeProblem, { heldOut, ...model }, { free, experiments });
  const chosen = optimiserFor(free.list.length, optimiser);
  const used = others ? { ...chosen, optimiser: stoppingEarly(chosen.optimiser, others.at, patience) } : chosen;
  const identity = {
    ...identityOf(experiments, free, used.optimiser, model),
    "held-out data": others ? `${others.data}, patience ${patience}` : "",
  };
  const checkpoints = new FitCheckpoints(misfit, identity, model.signal);
  const from = resume && { state: await checkpoints.resumed(resume), taken: resume.step };
  const onIterate = async (state: Iterate, iterations: number): Promise<void> => {
    const isLast = state.finished !== undefined || iterations === maxIterations;
    if (isLast || iterations % every === 0) onCheckpoint?.(await checkpoints.made(state, iterations));
  };
  const way = { maxIterations, onProgress, ...(onCheckpoint && { onIterate }) };
  const found = await descent(misfit, free.start, used, way, from);
  const { state, course } = others ? whereMetBest(found) : found;
  return judgedFit<U, P>(problem as OdeProblem, misfit, free, state, course);
}
