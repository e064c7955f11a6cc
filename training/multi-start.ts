/** Fits a model from many starts. */
import { BadOption } from "../src/core/errors.ts";
import { checkOptions, type Checks } from "../src/core/options/check.ts";
import { callable, whole } from "../src/core/options/kinds.ts";
import type { OdeProblem } from "../src/problem/problem.ts";
import type { Observations } from "./data/observations.ts";
import { descentChecks, type DescentOptions } from "./fit.ts";
import { judgedFit } from "./judge/judged-fit.ts";
import { BadStart } from "./objective/errors.ts";
import { modelOf } from "./objective/model.ts";
import { latinHypercube } from "./starts/latin-hypercube.ts";
import { rangeOf, type Range } from "./starts/ranges.ts";
import { Starts } from "./starts/starts.ts";
import { agreementOf } from "./threads/agreement.ts";
import { startJob } from "./threads/start-job.ts";
import { done, requireWorker, threadChecks, type ThreadOptions } from "./threads/threads.ts";
import { counted } from "../src/core/in-words.ts";

/** How far the fits from many starts have come. */
export interface MultiStartProgress {
  /** The starts that are done. */
  readonly done: number;
  readonly of: number;
  /** The lowest misfit so far; Infinity where all failed. */
  readonly value: number;
}

/** What `multiStart` takes. */
export interface MultiStartOptions extends Omit<DescentOptions, "onProgress">, ThreadOptions {
  /** How many, that of `fit` among them. 20 by default. */
  readonly starts?: number;
  /** A whole number: the same one gives the same starts. 1 by default. */
  readonly seed?: number;
  /** Called after each start. */
  readonly onProgress?: (progress: MultiStartProgress) => void;
}

const checks: Checks<MultiStartOptions> = { ...descentChecks, ...threadChecks, starts: whole, seed: whole, onProgress: callable };

/**
 * Fits a model from several starts, of which the lowest minimum is kept: what oscillates or saturates has several.
 *
 * The first start is that of `fit`; the others are a Latin hypercube: of a parameter between two bounds evenly on its scale, else as its
 * prior says, else by decades from a tenth to ten times of its start. `ranges` of the result says which. A start that fails is said, and
 * ends no other.
 *
 * @param problem - The model.
 * @param data - The observations, or a list of those of several experiments.
 * @param options - How many starts, and what `fit` takes.
 * @returns The best fit, and what was found from each start.
 * @throws What `fit` throws; BadParameter for a parameter that starts at 0 with neither bounds nor prior; BadStart where all starts fail;
 * of workers what `inWorker` throws, and BadData, as ThrownInWorker, where the module serves another problem or other data.
 * @example
 * const { best, atBest } = await multiStart(lotkaVolterra, measured, { starts: 50, parameters: { a: { bounds: [0.1, 10], scale: "log" } } });
 */
export async function multiStart<U, P, C>(
  problem: OdeProblem<U, P, C>,
  data: Observations | readonly Observations[],
  options: MultiStartOptions = {},
): Promise<Starts<U, P>> {
  checkOptions(options, checks, "multiStart");
  const { starts = 20, seed = 1, onProgress, optimiser, maxIterations, worker, threads, cluster, ...model } = options;
  requireWorker("multiStart", options);
  if ((worker ?? cluster) && optimiser)
    throw new BadOption("multiStart: an optimiser cannot be sent to a worker. Leave out one of them.");
  const own = modelOf("multiStart", problem as OdeProblem, data, model);
  const { free } = own;
  const ranges = starts > 1 ? free.list.map((one) => rangeOf("multiStart", one)) : [];
  const points = [free.valuesAt(free.start), ...startsIn(ranges, starts - 1, seed)];
  const agreement = (worker ?? cluster) && agreementOf(problem as OdeProblem, data, model, own);
  let lowest = Infinity;
  let ended = 0;
  const found = await done(
    {
      kind: "start",
      problem: problem as OdeProblem,
      jobs: points.map((start, index) => ({ model, maxIterations, optimiser, index, start, agreement })),
      here: (job) => startJob(problem as OdeProblem, data, job),
      signal: model.signal,
      onResult({ fit: { value } }) {
        lowest = Math.min(lowest, value);
        onProgress?.({ done: ++ended, of: starts, value: lowest });
      },
    },
    { worker, threads, cluster },
  );
  const sorted = found.toSorted((a, b) => a.fit.value - b.fit.value || a.fit.index - b.fit.index);
  const [{ fit: first, x, course }] = sorted;
  if (!x || !course) throw new BadStart(`None of ${counted(starts, "start")} led to a fit. The first: ${found[0].fit.ended}`);
  const best = await judgedFit<U, P>(problem as OdeProblem, own.misfit, free, { x, ...first }, course, first.evaluations);
  const said = ranges.map(({ at: _at, ...range }) => range);
  return new Starts({ best, starts: sorted.map(({ fit }) => fit), ranges: said });
}

function startsIn(ranges: readonly Range[], count: number, seed: number): Float64Array[] {
  return latinHypercube(count, ranges.length, seed).map((point) => point.map((part, j) => ranges[j].at(part)));
}
