/** Samples the posterior of a model's parameters. */
import { checkOptions, isObject, type Checks } from "../src/core/options/check.ts";
import { anything, callable, whole } from "../src/core/options/kinds.ts";
import type { OdeProblem } from "../src/problem/problem.ts";
import type { Observations } from "./data/observations.ts";
import { fit } from "./fit.ts";
import { modelChecks, modelOf, type ModelOptions } from "./objective/model.ts";
import { BadParameter } from "./parameters/errors.ts";
import type { Parameters, ParameterSpec } from "./parameters/free.ts";
import { isScaleName } from "./parameters/scale.ts";
import type { PriorSpec } from "./parameters/prior.ts";
import { PosteriorDraws } from "./sampler/posterior-draws.ts";
import { Posterior, priorsOf } from "./sampler/target.ts";
import { agreementOf } from "./threads/agreement.ts";
import { chainJob } from "./threads/chain-job.ts";
import { done, requireWorker, threadChecks, type ThreadOptions } from "./threads/threads.ts";

/** How far sampling has come. */
export interface SampleProgress {
  /** Of all chains, warm-up included. */
  readonly transitions: number;
  readonly of: number;
}

/** What `sample` takes. */
export interface SampleOptions extends ModelOptions, ThreadOptions {
  /** Priors of the standard deviations that are fitted, by name; by default 1 / sigma. */
  readonly sigma?: Readonly<Record<string, PriorSpec>>;
  /** 4 by default; from two on they can be compared. */
  readonly chains?: number;
  /** Transitions of each chain that are not kept, while it learns steps and variances. 1000 by default. */
  readonly warmup?: number;
  /** Draws of each chain. 1000 by default. */
  readonly draws?: number;
  /** A whole number: the same one gives the same draws. 1 by default. */
  readonly seed?: number;
  /** Called after each transition. */
  readonly onProgress?: (progress: SampleProgress) => void;
}

const checks: Checks<SampleOptions> = {
  ...modelChecks,
  ...threadChecks,
  sigma: anything,
  chains: whole,
  warmup: whole,
  draws: whole,
  seed: whole,
  onProgress: callable,
};

/** Where there is no standard error: on the parameter's scale. */
const NEARBY = 0.05;

/**
 * Draws from the posterior of a model's parameters, by the no-U-turn sampler, which begins near the best fit.
 *
 * Priors are those of `parameters`; without one a parameter has a flat prior within its bounds. One with bounds is sampled on the scale
 * "logit", with zero as its lower bound alone on "log".
 *
 * @param problem - The model.
 * @param data - The observations, or a list of those of several experiments.
 * @param options - What is free and its priors, how many draws, and how the model is solved.
 * @returns The draws with their summary: means, quantiles, whether the chains agree, and how much they say.
 * @throws What `fit` throws, and BadParameter for bounds that no scale has, and standard deviations that are not
 * fitted; of workers as `multiStart` does.
 * @example
 * const { summary } = await sample(lotkaVolterra, measured, { parameters: { a: { scale: "log", prior: { normal: [1, 0.5] } } } });
 */
export async function sample<U, P, C>(
  problem: OdeProblem<U, P, C>,
  data: Observations | readonly Observations[],
  options: SampleOptions = {},
): Promise<PosteriorDraws> {
  checkOptions(options, checks, "sample");
  const { sigma, chains = 4, warmup = 1000, draws = 1000, seed = 1, onProgress, worker, threads, cluster, ...rest } = options;
  requireWorker("sample", options);
  const model = { ...rest, parameters: unbounded("parameters", rest.parameters), initial: unbounded("initial", rest.initial) };
  const { misfit, free } = modelOf("sample", problem as OdeProblem, data, model);
  const sigmas = misfit.fittedSigma;
  const target = new Posterior(misfit, free, sigmas, priorsOf(sigmas, sigma));
  const best = await fit(problem, data, model);
  const agreement = (worker ?? cluster) && agreementOf(problem as OdeProblem, data, model);
  const center = Float64Array.from([
    ...free.placeOf(best.parameters.map(({ value }) => value)),
    ...sigmas.map((name) => Math.log(best.sigma[name])),
  ]);
  const slopes = free.slopesAt(free.valuesAt(center.slice(0, free.list.length)));
  const errors = center.map((_, j) => {
    const error = best.parameters[j]?.standardError / Math.abs(slopes[j]);
    return error > 0 && error < Infinity ? error : NEARBY;
  });
  const told = new Float64Array(chains);
  const run = await done(
    {
      kind: "chain",
      problem: problem as OdeProblem,
      jobs: Array.from({ length: chains }, (_, chain) => {
        // Numbers of neighbouring seeds begin alike; far ones do not.
        const own = Math.imul(seed + 7919 * chain, 0x9e3779b1) | 0 || 1;
        return { model, sigma, center, errors, warmup, draws, seed: own, agreement };
      }),
      here: (job, tell) => chainJob(problem as OdeProblem, data, job, tell),
      signal: model.signal,
      onProgress(chain, transitions) {
        told[chain] = transitions;
        onProgress?.({ transitions: told.reduce((sum, one) => sum + one, 0), of: chains * (warmup + draws) });
      },
    },
    { worker, threads, cluster },
  );
  const parameters = free.list.map(({ name, of }) => ({ name, of }));
  return new PosteriorDraws(
    { parameters, sigmas, noise: best.noise },
    run.map((chain) => chain.draws.map((z) => target.valuesAt(z))),
    run,
  );
}

/** With bounds that no step can lead over. Throws {@link BadParameter}. */
function unbounded(option: string, parameters: Parameters | undefined): Parameters | undefined {
  if (!isObject(parameters)) return parameters;
  return Object.fromEntries(
    Object.entries(parameters as Parameters).map(([name, spec]): [string, true | ParameterSpec] => {
      const { scale = "linear", bounds } = Object(spec) as ParameterSpec;
      // What bounds cannot be is refused as by `fit`.
      if (spec === true || !isOrdered(bounds) || scale === "logit" || !isScaleName(scale)) return [name, spec];
      const [lower, upper] = bounds;
      if (lower === -Infinity && upper === Infinity) return [name, spec];
      if (lower > -Infinity && upper < Infinity) return [name, { ...spec, scale: "logit" }];
      if (lower === 0) return [name, { ...spec, bounds: [0, Infinity], scale: "log" }];
      throw new BadParameter(
        `sample: ${option}.${name} is bounded by [${lower}, ${upper}]. Give two finite bounds, or zero as the lower one alone.`,
      );
    }),
  );
}

function isOrdered(bounds: unknown): bounds is readonly [number, number] {
  const [lower, upper, ...more] = (Array.isArray(bounds) ? bounds : []) as readonly unknown[];
  return typeof lower === "number" && typeof upper === "number" && lower < upper && more.length === 0;
}
