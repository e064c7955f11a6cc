/** Fits a model from many starts. */
import { OdegradError } from "../src/core/errors.ts";
import { checkOptions, type Checks } from "../src/core/options/check.ts";
import { callable, whole } from "../src/core/options/kinds.ts";
import type { OdeProblem } from "../src/problem/problem.ts";
import type { Observations } from "./data/observations.ts";
import { descent, descentChecks, type DescentOptions } from "./fit.ts";
import { judgedFit } from "./judge/judged-fit.ts";
import { BadStart } from "./objective/errors.ts";
import { modelOf, type Model } from "./objective/model.ts";
import { latinHypercube } from "./starts/latin-hypercube.ts";
import { rangeOf, type Range } from "./starts/ranges.ts";
import { Starts, type StartedFit } from "./starts/starts.ts";

/** How far the fits from many starts have come. */
export interface MultiStartProgress {
  /** The starts that are done. */
  readonly done: number;
  readonly of: number;
  /** The lowest misfit so far; Infinity where all failed. */
  readonly value: number;
}

/** What `multiStart` takes. */
export interface MultiStartOptions extends Omit<DescentOptions, "onProgress"> {
  /** How many, that of `fit` among them. 20 by default. */
  readonly starts?: number;
  /** A whole number: the same one gives the same starts. 1 by default. */
  readonly seed?: number;
  /** Called after each start. */
  readonly onProgress?: (progress: MultiStartProgress) => void;
}

const checks: Checks<MultiStartOptions> = { ...descentChecks, starts: whole, seed: whole, onProgress: callable };

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
 * @throws What `fit` throws; BadParameter for a parameter that starts at 0 with neither bounds nor prior; BadStart where all starts fail,
 * whose `cause` is why the first did.
 * @example
 * const { best, atBest } = await multiStart(lotkaVolterra, measured, { starts: 50, parameters: { a: { bounds: [0.1, 10], scale: "log" } } });
 */
export async function multiStart<U, P, C>(
  problem: OdeProblem<U, P, C>,
  data: Observations | readonly Observations[],
  options: MultiStartOptions = {},
): Promise<Starts<U, P>> {
  checkOptions(options, checks, "multiStart");
  const { starts = 20, seed = 1, onProgress, optimiser, maxIterations, ...model } = options;
  const { free } = modelOf("multiStart", problem as OdeProblem, data, model);
  const ranges = starts > 1 ? free.list.map((one) => rangeOf("multiStart", one)) : [];
  const points = [free.valuesAt(free.start), ...startsIn(ranges, starts - 1, seed)];
  const found: Found[] = [];
  for (const [index, start] of points.entries()) {
    // Each counts its own evaluations.
    const own = modelOf("multiStart", problem as OdeProblem, data, model);
    found.push(await started(own, index, start, { optimiser, maxIterations, signal: model.signal }));
    onProgress?.({ done: found.length, of: starts, value: Math.min(...found.map(({ fit }) => fit.value)) });
  }
  const sorted = found.toSorted((a, b) => a.fit.value - b.fit.value || a.fit.index - b.fit.index);
  const [{ reached, model: of }] = sorted;
  if (!reached) {
    throw new BadStart(`None of ${starts} starts led to a fit. The first: ${found[0].fit.ended}`, { cause: found[0].failure });
  }
  const best = await judgedFit<U, P>(problem as OdeProblem, of.misfit, of.free, reached.state, reached.course);
  const said = ranges.map(({ at: _at, ...range }) => range);
  return new Starts({ best, starts: sorted.map(({ fit }) => fit), ranges: said });
}

function startsIn(ranges: readonly Range[], count: number, seed: number): Float64Array[] {
  return latinHypercube(count, ranges.length, seed).map((point) => point.map((part, j) => ranges[j].at(part)));
}

interface Found {
  readonly fit: StartedFit;
  readonly model: Model;
  readonly reached?: Awaited<ReturnType<typeof descent>>;
  readonly failure?: unknown;
}

async function started(
  model: Model,
  index: number,
  start: Float64Array,
  { signal, ...options }: Pick<DescentOptions, "optimiser" | "maxIterations" | "signal">,
): Promise<Found> {
  const { misfit, free } = model;
  try {
    const reached = await descent(misfit, free.placeOf(start), options);
    const { value, x: end, converged = false } = reached.state;
    const { ended, iterations } = reached.course;
    const { count: evaluations } = misfit.attempts;
    const fit = { index, start, parameters: free.valuesAt(end), value, converged, ended, iterations, evaluations };
    return { fit, model, reached };
  } catch (failure) {
    if (!(failure instanceof OdegradError) || signal?.aborted) throw failure;
    const ended = `${failure.name}: ${failure.message}`;
    const { count: evaluations } = misfit.attempts;
    return { fit: { index, start, value: Infinity, converged: false, ended, iterations: 0, evaluations }, model, failure };
  }
}
