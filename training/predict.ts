/** Predictions of a fitted model, with bands. */
import { componentNames, ownLayouts } from "../src/arrays/layout.ts";
import { pack } from "../src/arrays/pack.ts";
import { checkOptions, requireKeys, type Checks } from "../src/core/options/check.ts";
import { anything, count, fraction, listOf, numbers, text } from "../src/core/options/kinds.ts";
import { timeSpan } from "../src/core/options/time-span.ts";
import { nearest } from "../src/core/options/names.ts";
import { requireProblem, type OdeProblem } from "../src/problem/problem.ts";
import { SolveAborted, SolveFailed } from "../solvers/solution/errors.ts";
import { BadData } from "./data/errors.ts";
import { observations, requireObservables, type Observable, type ObservationsSpec } from "./data/observations.ts";
import { Fit } from "./judge/fit-result.ts";
import { reachOf, spreadOf } from "./judge/fitted-spread.ts";
import { BadPrediction, BadStart } from "./objective/errors.ts";
import { experimentsOf } from "./objective/experiment.ts";
import { Misfit } from "./objective/misfit.ts";
import type { SolveSettings } from "./objective/solves.ts";
import { reasonOf, settingChecks } from "./objective/model.ts";
import { BadParameter } from "./parameters/errors.ts";
import { FreeParameters, freeParameters } from "./parameters/free.ts";
import { Predictions, type Band } from "./predicted/bands.ts";
import { bandAbout, covarianceOf } from "./predicted/delta.ts";
import { bandOf, type DrawnPredictions } from "./predicted/mixture.ts";
import { PosteriorDraws } from "./sampler/posterior-draws.ts";

/** What `predict` takes. */
export interface PredictOptions<U = unknown, P = unknown, C = unknown> extends SolveSettings {
  /** The times of the predictions, in any order. */
  readonly t: ArrayLike<number>;
  /** Names of components of the state; by default all, or none where there is `of`. */
  readonly components?: readonly string[];
  /** Functions of the state, by name, as those of `observations`. */
  readonly of?: Readonly<Record<string, Observable<U, P, C>>>;
  /** The last argument of the observables. */
  readonly constants?: C;
  /** Conditions, as those of `observations`, of what was not fitted. */
  readonly u0?: NoInfer<U>;
  readonly p?: Partial<NoInfer<P>>;
  readonly tspan?: readonly [number, number];
  /** Of the bands. 0.95 by default. */
  readonly level?: number;
  /** How many draws of a posterior, evenly from all. 400 by default. */
  readonly draws?: number;
}

const checks: Checks<PredictOptions> = {
  ...settingChecks,
  t: numbers,
  components: listOf(text),
  of: anything,
  constants: anything,
  u0: anything,
  p: anything,
  tspan: timeSpan,
  level: fraction,
  draws: count,
};

/** Names in a warning. */
const NAMED = 12;

/**
 * What a fitted model predicts, with bands: where the prediction lies, as the parameters are uncertain, and where an observation lies, with
 * the noise of the data of that name.
 *
 * Of a fit they are by the delta method, ± 1.96 standard errors where the level is 95 %, of logarithms where the noise is lognormal; where all
 * standard deviations were fitted, by Student's distribution. Of draws of a posterior they are quantiles. Counts are taken as normal about their
 * mean, Huber's noise as its normal part.
 *
 * @param problem - The model.
 * @param fitted - What `fit` or `sample` returned, or `best` of `multiStart`.
 * @param options - Times, components and observables, conditions, and the level.
 * @returns The bands by name.
 * @throws UnknownOption, BadOption, BadData; BadParameter for what is neither a Fit nor PosteriorDraws, or of another problem; BadStart
 * where no draw can be solved for; of a fit what `sensitivities` throws.
 * @example
 * const { bands } = await predict(lotkaVolterra, fitted, { t: [11, 12, 13], components: ["prey"] });
 * bands.prey.lower; // and value, upper, observed
 */
export async function predict<U, P, C, K = unknown>(
  problem: OdeProblem<U, P, C>,
  fitted: Fit<U, P> | PosteriorDraws,
  options: PredictOptions<U, P, K>,
): Promise<Predictions> {
  checkOptions(options as PredictOptions, checks, "predict");
  requireKeys(options as PredictOptions, "predict", "t");
  requireProblem(problem, "predict");
  const { level = 0.95, draws = 400 } = options;
  if (!(fitted instanceof Fit || fitted instanceof PosteriorDraws)) {
    throw new BadParameter("predict: what was fitted is neither a Fit nor PosteriorDraws. Give what `fit` or `sample` returned.");
  }
  const misfit = predicting(problem as OdeProblem, fitted.parameters, options as PredictOptions);
  const t = Float64Array.from(options.t);
  if (fitted instanceof Fit) return aboutFit(misfit, fitted as Fit, level, t);
  return ofDraws(misfit, fitted, { level, draws, t });
}

/** What is predicted, as data that say nothing. Throws {@link BadData} and BadParameter. */
function predicting(
  problem: OdeProblem,
  parameters: readonly { readonly of: "p" | "u0"; readonly name: string }[],
  { t, components, of, constants, u0, p, tspan, level: _level, draws: _draws, ...settings }: PredictOptions,
): Misfit {
  if (of !== undefined) requireObservables("predict", of);
  const layout = ownLayouts(problem.layout);
  const all = componentNames(layout.u, "u");
  for (const name of components ?? []) {
    if (all.includes(name)) continue;
    const near = nearest(name, all);
    throw new BadData(
      `predict: there is no component "${name}" of the state. ${near === undefined ? `There are ${all.slice(0, 12).join(", ")}.` : `Is "${near}" meant?`}`,
    );
  }
  const wrong = Array.from(t).findIndex((time) => !Number.isFinite(time));
  if (wrong >= 0) throw new BadData(`predict: t[${wrong}] is ${t[wrong]}, but must be a finite number.`);
  const names = [...(components ?? (of ? [] : all)), ...Object.keys(of ?? {})];
  if (t.length === 0 || names.length === 0) {
    throw new BadData("predict: there is nothing to predict. Give times, t: [0, 1], and components or observables, of.");
  }
  const values = Object.fromEntries(names.map((name) => [name, Array.from(t, () => 0)]));
  const asked = { t, values, of, constants, u0, p, tspan, sigma: 1 } as ObservationsSpec<unknown, unknown>;
  const [experiment] = experimentsOf("predict", problem, observations(asked));
  const listed = (space: "p" | "u0"): Readonly<Record<string, true>> =>
    Object.fromEntries(parameters.flatMap((one) => (one.of === space ? [[one.name, true]] : [])));
  const free = new FreeParameters([
    ...freeParameters("p", listed("p"), layout.p, experiment.p),
    ...freeParameters("u0", listed("u0"), layout.u, experiment.u0),
  ]);
  const stated = { p: pack(layout.p, problem.p, "p"), u0: pack(layout.u, problem.u0, "u0") };
  const given = free.list.find(({ of: space, index }) => experiment[space][index] !== stated[space][index]);
  if (given) {
    throw new BadParameter(
      `predict: ${given.name} of ${given.of} was fitted, and is as it was fitted. Leave it out of \`${given.of}\`, or as it is in the problem.`,
    );
  }
  return new Misfit([experiment], free, settings);
}

function aboutFit(misfit: Misfit, fit: Fit, level: number, t: Float64Array): Predictions {
  const covariance = covarianceOf(fit);
  const { degreesOfFreedom, residuals } = fit;
  const reach = reachOf(level, degreesOfFreedom);
  const spread = spreadOf(residuals.length, degreesOfFreedom);
  const all = misfit.linearized(Float64Array.from(fit.parameters, ({ value }) => value));
  const bands = Object.fromEntries(
    all.map((one): [string, Band] => [
      one.series.name,
      bandAbout(one, covariance, { noise: fit.noise[one.series.name], spread, reach }),
    ]),
  );
  const [atBounds, undetermined] = [
    fit.parameters.filter(({ atBound }) => atBound),
    fit.parameters.filter(({ atBound, standardError }) => !atBound && Number.isNaN(standardError)),
  ].map(
    (list) =>
      `${list
        .map(({ name }) => name)
        .slice(0, NAMED)
        .join(", ")}${list.length > NAMED ? ", …" : ""}`,
  );
  const warnings = [
    ...(atBounds ? [`Bands take as known what is at a bound: ${atBounds}.`] : []),
    ...(undetermined ? [`Bands are NaN where predictions depend on what the data do not determine: ${undetermined}.`] : []),
  ];
  return new Predictions({ t, level, bands, warnings });
}

function ofDraws(
  misfit: Misfit,
  posterior: PosteriorDraws,
  { level, draws, t }: { readonly level: number; readonly draws: number; readonly t: Float64Array },
): Predictions {
  const { data, shape } = posterior.draws;
  const size = shape[2];
  const all = shape[0] * shape[1];
  const taken = Math.min(draws, all);
  const byName = new Map<string, DrawnPredictions[]>();
  let failures = 0;
  let failure: unknown;
  for (let k = 0; k < taken; k++) {
    const at = Math.floor(((k + 0.5) * all) / taken) * size;
    const draw = data.subarray(at, at + size);
    try {
      for (const { series, predictions } of misfit.predicted(draw.subarray(0, posterior.parameters.length))) {
        const drawn = {
          values: Float64Array.from(predictions, ({ value }) => value),
          sigma: sigmaIn(posterior, series.name, draw),
        };
        byName.set(series.name, (byName.get(series.name) ?? []).concat(drawn));
      }
    } catch (error) {
      if (error instanceof SolveAborted || !(error instanceof SolveFailed || error instanceof BadPrediction)) throw error;
      failures++;
      failure = error;
    }
  }
  if (failures === taken) {
    throw new BadStart(`predict: no draw has predictions. The last one: ${reasonOf(failure)}`, { cause: failure });
  }
  const bands = Object.fromEntries(
    [...byName].map(([name, drawn]): [string, Band] => [name, bandOf(drawn, posterior.noise[name]?.noise, level)]),
  );
  const warnings =
    failures > 0 ? [`${failures} of ${taken} draws have no predictions and are left out: ${reasonOf(failure)}`] : [];
  return new Predictions({ t, level, bands, warnings });
}

/** Drawn with the parameters, or given. */
function sigmaIn({ names, noise }: PosteriorDraws, name: string, draw: Float64Array): number | undefined {
  const column = names.indexOf(`sigma of ${name}`);
  return column < 0 ? noise[name]?.sigma : draw[column];
}
