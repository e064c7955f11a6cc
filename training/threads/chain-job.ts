/** A chain of draws from a posterior. */
import { normals } from "../../src/core/random.ts";
import type { OdeProblem } from "../../src/problem/problem.ts";
import type { Observations } from "../data/observations.ts";
import { badStart, modelOf, type ModelOptions } from "../objective/model.ts";
import type { PriorSpec } from "../parameters/prior.ts";
import { runChain, type Chain } from "../sampler/chain.ts";
import type { Position } from "../sampler/nuts.ts";
import { Posterior, priorsOf } from "../sampler/target.ts";
import type { Agreement } from "./agreement.ts";

export interface ChainJob {
  readonly model: ModelOptions;
  /** Priors of standard deviations. */
  readonly sigma?: Readonly<Record<string, PriorSpec>>;
  /** It starts near there, {@link APART} of these standard deviations or so; their squares are the first variances. */
  readonly center: Float64Array;
  readonly errors: Float64Array;
  readonly warmup: number;
  readonly draws: number;
  readonly seed: number;
  readonly agreement?: Agreement;
}

/** Chains that start apart show whether they come together. */
const APART = 2;

/** `tell`: how many transitions there were. */
export async function chainJob(
  problem: OdeProblem,
  data: Observations | readonly Observations[],
  { model, sigma, center, errors, warmup, draws, seed }: ChainJob,
  tell: (transitions: number) => void,
): Promise<Chain> {
  const { misfit, free } = modelOf("sample", problem, data, model);
  const sigmas = misfit.fittedSigma;
  const target = new Posterior(misfit, free, sigmas, priorsOf(sigmas, sigma));
  const start = await startNear(target, center, errors, seed);
  if (!start) throw badStart(misfit.attempts.failure);
  let transitions = 0;
  const variances = errors.map((error) => error ** 2);
  return runChain(target, start, { variances, warmup, draws, seed, onDraw: () => tell(++transitions) });
}

/** A place that the posterior has a density at, the nearer to the center the more were tried in vain. */
async function startNear(
  target: Posterior,
  center: Float64Array,
  errors: Float64Array,
  seed: number,
): Promise<Position | undefined> {
  const normal = normals(seed);
  const TRIES = 10;
  for (let k = 0; k < TRIES; k++) {
    const nearer = k + 1 < TRIES ? 2 ** -k : 0;
    const z = center.map((x, j) => x + nearer * APART * errors[j] * normal());
    const at = await target.logDensity(z);
    if (at.value > -Infinity) return { z, ...at };
  }
  return undefined;
}
