/** Fits a model to many individuals at once. */
import { ownLayouts } from "../src/arrays/layout.ts";
import { unpack } from "../src/arrays/pack.ts";
import { checkOptions, type Checks } from "../src/core/options/check.ts";
import { anything, callable, count, list } from "../src/core/options/kinds.ts";
import type { OdeProblem } from "../src/problem/problem.ts";
import { BadData } from "./data/errors.ts";
import type { Observations } from "./data/observations.ts";
import { uncertaintyOf } from "./judge/uncertainty.ts";
import { notDetermined } from "./judge/unseen.ts";
import { Attempts } from "./objective/attempts.ts";
import { BadStart } from "./objective/errors.ts";
import { experimentsOf } from "./objective/experiment.ts";
import { reasonOf, requireOneValue, settingChecks } from "./objective/model.ts";
import type { SolveSettings } from "./objective/solves.ts";
import type { FitProgress } from "./optimisers/minimise.ts";
import type { FreeParameters, Parameters } from "./parameters/free.ts";
import { arrowStep, type ArrowStep } from "./population/arrow.ts";
import { freeIn, type IndividualParameters } from "./population/freedom.ts";
import { modesFrom } from "./population/modes.ts";
import { blocksOf, Population, type PopulationPoint, type Spread } from "./population/population.ts";
import { notToldApart } from "./population/told-apart.ts";
import { PopulationFit, type FittedIndividual, type PopulationParameter } from "./population/population-fit.ts";
import { marginal, spreadOf, type SpreadOptions } from "./population/spread.ts";
import { counted } from "../src/core/in-words.ts";

/** What `fitMany` takes. */
export interface FitManyOptions extends SolveSettings {
  /** The components of p that are free and the same in all. None by default. */
  readonly shared?: Parameters;
  /** The components of p that each individual has of its own, about a typical value. */
  readonly individual?: IndividualParameters;
  /** Components of the initial state likewise. */
  readonly initial?: { readonly shared?: Parameters; readonly individual?: IndividualParameters };
  /** 100 by default. */
  readonly maxIterations?: number;
  /** Called after each iteration. */
  readonly onProgress?: (progress: FitProgress) => void;
}

const checks: Checks<FitManyOptions> = {
  ...settingChecks,
  shared: anything,
  individual: anything,
  initial: anything,
  maxIterations: count,
  onProgress: callable,
};

const initialChecks: Checks<NonNullable<FitManyOptions["initial"]>> = { shared: anything, individual: anything };

/** In standard errors of the typical values, and relative for standard deviations: a change that ends the iterations. */
const ENOUGH = 1e-4;

/**
 * Fits a model to many individuals: some parameters are the same in all, others lie about a typical value, normally on their scale, with a
 * standard deviation between individuals that is fitted or given.
 *
 * The estimator is maximum likelihood of the model that is linear about each individual's most likely values (M. J. Lindstrom, D. M. Bates,
 * Biometrics 46, 1990), in pharmacometrics first-order conditional estimation (FOCE) without interaction; of models that are linear in
 * their parameters it is exact maximum likelihood. Spreads of several parameters are independent. Standard deviations are not corrected for the
 * parameters fitted with them, as those of restricted maximum likelihood are. With all standard deviations given, what is individual is at
 * the maximum of the posterior. Its cost is that of as many fits: individuals are eliminated one by one.
 *
 * @param problem - The model; its p and u0 are where the fit starts.
 * @param subjects - The observations of each individual, or the list of its experiments; covariates and doses are in their `p` and `u0`.
 * @param options - What is shared and what individual, and how the model is solved.
 * @returns Typical and shared values with standard errors, spreads, and the most likely values of each individual.
 * @throws UnknownOption, BadOption, BadData; BadParameter where nothing is individual, a name is both, or has bounds on another scale than
 * "logit"; BadStart where the model cannot be solved at the start; what `sensitivities` throws.
 * @example
 * const { typical, spreads } = await fitMany(pk, patients, { shared: { ka: { scale: "log" } }, individual: { CL: { scale: "log" } } });
 */
export async function fitMany<U, P, C>(
  problem: OdeProblem<U, P, C>,
  subjects: readonly (Observations | readonly Observations[])[],
  options: FitManyOptions,
): Promise<PopulationFit<U, P>> {
  checkOptions(options, checks, "fitMany");
  const { shared, individual, initial = {}, maxIterations = 100, onProgress, ...settings } = options;
  list(subjects, "fitMany: the individuals");
  if (subjects.length < 2) throw new BadData("fitMany: there are fewer than two individuals. `fit` is for one.");
  checkOptions(initial, initialChecks, "fitMany: initial", "initial.");
  const data = subjects.map((one, i) => experimentsOf(`fitMany: individual ${i}`, problem as OdeProblem, one));
  const of = freeIn(data[0][0], { shared, individual, initial });
  requireOneValue("fitMany", [...of.shared.list, ...of.own.list], data.flat());
  const population = new Population(data, of.shared, of.own, settings, new Attempts(settings.signal));
  const start = await begin(population, of.spread);
  const found = await iterated(population, start, of.options, { maxIterations, onProgress });
  return resultOf<U, P>(problem as OdeProblem, population, found, of.options);
}

interface Found {
  readonly point: PopulationPoint;
  readonly spread: Spread;
  readonly iterations: number;
  readonly converged: boolean;
}

/** All individuals are typical; the noise is as large as they are met then. Throws {@link BadStart}. */
async function begin(population: Population, own: Float64Array): Promise<Found> {
  const { shared, own: free, individuals, attempts } = population;
  const place = { shared: shared.start, typical: free.start, own: individuals.map(() => free.start) };
  const names = new Set(individuals.flatMap(({ fitted }) => fitted.filter((name) => name !== undefined)));
  const unit = { own, sigma: Object.fromEntries([...names].map((name) => [name, 1])) };
  const first = await population.at(place, unit);
  if (first.stopped !== undefined) {
    throw new BadStart(`fitMany: individual ${first.stopped} has no misfit at the start: ${reasonOf(attempts.failure)}`, {
      cause: attempts.failure,
    });
  }
  const sigma = Object.fromEntries(
    [...names].map((name) => {
      const all = first.parts.flatMap(({ residuals }, i) =>
        [...residuals].filter((_, row) => individuals[i].fitted[row] === name),
      );
      return [name, Math.sqrt(all.reduce((sum, r) => sum + r ** 2, 0) / all.length) || 1];
    }),
  );
  const spread = { own, sigma };
  return { point: await population.at(place, spread), spread, iterations: 0, converged: false };
}

async function iterated(
  population: Population,
  start: Found,
  options: SpreadOptions,
  { maxIterations, onProgress }: { readonly maxIterations: number; readonly onProgress?: (progress: FitProgress) => void },
): Promise<Found> {
  let { point, spread } = start;
  let damping = 1;
  for (let iteration = 1; iteration <= maxIterations; iteration++) {
    const before = { point, spread };
    ({ point, damping } = await modesFrom(population, point, spread, damping));
    const next = spreadOf(population, point, spread, options);
    // Where the linear model leads too far, its individuals stay where they are.
    const moved = await population.at(next.place, next.spread);
    spread = next.spread;
    point = moved.value < Infinity ? moved : await population.at(point.place, spread);
    const step = arrowStep(blocksOf(point), population.sizes, spread.own, point.priors);
    onProgress?.({ iteration, value: marginal(population, point, spread, step) });
    if (isSame(before, { point, spread }, uncertaintyIn(step, population).errors)) {
      const end = await modesFrom(population, point, spread, damping);
      return { point: end.point, spread, iterations: iteration, converged: true };
    }
  }
  return { point, spread, iterations: maxIterations, converged: false };
}

function isSame(a: Pick<Found, "point" | "spread">, b: Pick<Found, "point" | "spread">, errors: Float64Array): boolean {
  const numbers = ({ point: { place } }: Pick<Found, "point">): number[] => [...place.shared, ...place.typical];
  const before = numbers(a);
  return (
    numbers(b).every((x, j) => !(Math.abs(x - before[j]) > ENOUGH * errors[j])) &&
    b.spread.own.every((w, c) => Math.abs(w - a.spread.own[c]) <= ENOUGH * w) &&
    Object.entries(b.spread.sigma).every(([name, s]) => Math.abs(s - a.spread.sigma[name]) <= ENOUGH * s)
  );
}

/** Standard errors of what is shared and typical, on their scales, and directions of it that are not seen. */
function uncertaintyIn(
  { reduced }: ArrowStep,
  { sizes }: Population,
): { readonly errors: Float64Array; readonly unseen: readonly Float64Array[] } {
  const k = sizes.shared + sizes.own;
  const { covariance, unseen } = uncertaintyOf(new Float64Array(reduced.length / k), reduced, k);
  return { errors: Float64Array.from({ length: k }, (_, j) => Math.sqrt(covariance[j * k + j])), unseen };
}

function resultOf<U, P>(
  problem: OdeProblem,
  population: Population,
  { point, spread, iterations, converged }: Found,
  { isGiven, least }: SpreadOptions,
): PopulationFit<U, P> {
  const { shared, own, individuals, attempts } = population;
  const { place } = point;
  const step = arrowStep(blocksOf(point), population.sizes, spread.own, point.priors);
  const { errors, unseen } = uncertaintyIn(step, population);
  const parametersOf = (free: FreeParameters, x: Float64Array, first: number): PopulationParameter[] => {
    const values = free.valuesAt(x);
    const slopes = free.slopesAt(values);
    return free.list.map(({ name, of }, j) => ({
      name,
      of,
      kind: free === own ? "individual" : "shared",
      value: values[j],
      standardError: Math.abs(slopes[j]) * errors[first + j],
      ...(free === own && {
        spread: spread.own[j],
        shrinkage: 1 - deviationOf(place.own.map((x) => x[j] - place.typical[j])) / spread.own[j],
      }),
    }));
  };
  const parameters = [...parametersOf(shared, place.shared, 0), ...parametersOf(own, place.typical, shared.list.length)];
  const layout = ownLayouts(problem.layout);
  const compared = individuals.map(({ misfit }, i) => misfit.compared(Population.numbersOf(place, i), spread.sigma));
  const fitted = individuals.map(({ experiments: [first] }, i): FittedIndividual<U, P> => {
    // What gives u0 at the parameters does so of all of them.
    const at = own.put(own.valuesAt(place.own[i]), { ...first, ...shared.put(shared.valuesAt(place.shared), first) });
    return { p: unpack<P>(layout.p, at.p), u0: unpack<U>(layout.u, at.u0), values: own.valuesAt(place.own[i]) };
  });
  return new PopulationFit<U, P>({
    parameters,
    individuals: fitted,
    value: marginal(population, point, spread, step),
    sigma: Object.assign({}, ...compared.map(({ sigma }) => sigma)) as Record<string, number>,
    residuals: compared.flatMap(({ observations }, i) => observations.map((one) => ({ ...one, experiment: i }))),
    converged,
    iterations,
    evaluations: attempts.count,
    warnings: [
      ...(converged
        ? []
        : [`It did not come to a maximum of the likelihood within ${counted(iterations, "iteration")}; raise maxIterations.`]),
      ...notToldApart(population, point, isGiven),
      ...own.list.flatMap(({ name }, c) =>
        !isGiven[c] && spread.own[c] <= least[c] ? [`The data show no spread of ${name} between individuals: share it.`] : [],
      ),
      ...notDetermined(
        parameters.map(({ name }) => name),
        unseen,
      ),
    ],
  });
}

/** About zero. */
function deviationOf(all: readonly number[]): number {
  return Math.sqrt(all.reduce((sum, x) => sum + x ** 2, 0) / all.length);
}
