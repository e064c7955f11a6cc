/** The misfit of a model to observations: its value, gradient, and residuals with their Jacobian. */
import type { Evaluation, LeastSquares, Objective } from "../optimisers/optimiser.ts";
import type { FreeParameters } from "../parameters/free.ts";
import type { FitResidual } from "./fit-residual.ts";
import { Attempts } from "./attempts.ts";
import type { Experiment } from "./experiment.ts";
import { likelihood, type Likelihood, type Residual } from "./likelihood.ts";
import { noiseByName, type SeriesNoise } from "./series-noise.ts";
import { Solves, type SolvedExperiment, type SolveSettings } from "./solves.ts";
import { predictionsOf, requireSlopes, type Point, type PredictedSeries } from "./predictions.ts";

/** The predictions of an experiment's series, and their derivatives by what is free, a row for each observation. */
export interface Linearized extends PredictedSeries {
  readonly experiment: Experiment;
  readonly jacobian: Float64Array;
}

export interface Density extends Evaluation {
  /** By the name of each standard deviation that is fitted. */
  readonly byLogSigma: Readonly<Record<string, number>>;
}

interface Compared extends Pick<Likelihood, "value" | "sigma"> {
  readonly noise: Readonly<Record<string, SeriesNoise>>;
  readonly observations: readonly FitResidual[];
}

export class Misfit implements Objective {
  readonly lower: Float64Array;
  readonly upper: Float64Array;

  constructor(
    private readonly experiments: readonly Experiment[],
    private readonly free: FreeParameters,
    settings: SolveSettings,
    readonly attempts = new Attempts(settings.signal),
    private readonly solves = new Solves(experiments, free, settings),
  ) {
    this.lower = free.lower;
    this.upper = free.upper;
  }

  gradient = async (x: Float64Array): Promise<Evaluation> =>
    this.attempts.at<Evaluation>({ value: Infinity, gradient: new Float64Array(x.length) }, () => this.byPullback(x));

  /** `sigma`: standard deviations by name in place of fitted ones. */
  leastSquares = async (x: Float64Array, sigma: Readonly<Record<string, number>> = {}): Promise<LeastSquares> => {
    const none: LeastSquares = { value: Infinity, residuals: new Float64Array(0), jacobian: new Float64Array(0) };
    return this.attempts.at(none, async () => {
      const points = this.pointsAt(x);
      const solved = await this.solves.alongAll(this.experiments, points);
      const slopes = this.free.slopesAt(this.free.valuesAt(x));
      const all = this.experiments.flatMap((experiment, k) => this.linearizedAt(experiment, points[k], solved[k], slopes));
      for (const one of all) requireSlopes(one.experiment, [one]);
      const { value, residuals: bySeries } = likelihoodOf(all, sigma);
      const flat = bySeries.flat();
      const priors = this.priorsAt(x);
      const jacobian = new Float64Array((flat.length + priors.length) * x.length);
      let at = 0;
      for (const { jacobian: own } of all) {
        for (let i = 0; i < own.length; i++, at++) jacobian[at] = flat[Math.floor(at / x.length)].slope * own[i];
      }
      priors.forEach(({ j, slope }, i) => (jacobian[(flat.length + i) * x.length + j] = slope));
      const residuals = Float64Array.from([...flat.map(({ working }) => working), ...priors.map(({ residual }) => residual)]);
      return { value: value + halfSquares(priors), residuals, jacobian };
    });
  };

  /** Each observation beside its prediction, the noise by name, and the misfit. */
  compared(x: Float64Array, given: Readonly<Record<string, number>> = {}): Compared {
    const all = this.predicted(x);
    const { value, residuals, sigma } = likelihoodOf(all, given);
    const observations = all.flatMap(({ experiment: { times }, index, series: { name, at } }, k) =>
      residuals[k].map(({ observed, predicted, residual }, i): FitResidual => {
        return { experiment: index, name, t: times[at[i]], observed, predicted, residual };
      }),
    );
    const noise = noiseByName(this.experiments, sigma);
    return { value: value + halfSquares(this.priorsAt(x)), sigma, noise, observations };
  }

  /** Of each experiment, in order. */
  predicted(x: Float64Array): (PredictedSeries & { readonly experiment: Experiment; readonly index: number })[] {
    const values = this.free.valuesAt(x);
    return this.experiments.flatMap((experiment, index) => {
      const point = this.free.put(values, experiment);
      return predictionsOf(experiment, this.solves.states(experiment, point), point).map((one) => ({
        ...one,
        experiment,
        index,
      }));
    });
  }

  /** The names whose standard deviation is fitted. */
  get fittedSigma(): string[] {
    const names = this.experiments.flatMap(({ series }) =>
      series.flatMap(({ name, sigma }) => (sigma === "fitted" ? [name] : [])),
    );
    return [...new Set(names)];
  }

  /** Is every standard deviation one that is fitted? */
  get fitsAllSigma(): boolean {
    return this.experiments.every(({ series }) => series.every(({ sigma }) => sigma === "fitted"));
  }

  /** How the experiments are solved, in words. */
  get how(): string {
    return this.solves.lanes.how;
  }

  private pointsAt(x: Float64Array): Point[] {
    const values = this.free.valuesAt(x);
    return this.experiments.map((experiment) => this.free.put(values, experiment));
  }

  /** By the derivatives of the solution, for few parameters, each experiment alone. */
  linearized(x: Float64Array): Linearized[] {
    const slopes = this.free.slopesAt(this.free.valuesAt(x));
    const points = this.pointsAt(x);
    return this.experiments.flatMap((experiment, k) =>
      this.linearizedAt(experiment, points[k], this.solves.along(experiment, points[k]), slopes),
    );
  }

  private linearizedAt(
    experiment: Experiment,
    point: Point,
    { states, derivative }: SolvedExperiment,
    slopes: Float64Array,
  ): Linearized[] {
    const { list } = this.free;
    return predictionsOf(experiment, states, point).map((one): Linearized => {
      const { series, predictions } = one;
      const { component } = series;
      const jacobian = new Float64Array(predictions.length * list.length);
      predictions.forEach(({ uBar, pBar }, i) => {
        const s = series.at[i];
        for (let j = 0; j < list.length; j++) {
          let sum = list[j].of === "p" ? pBar[list[j].index] : 0;
          if (component === undefined) for (let c = 0; c < uBar.length; c++) sum += uBar[c] * derivative(j, s, c);
          else sum += derivative(j, s, component);
          jacobian[i * list.length + j] = sum * slopes[j];
        }
      });
      return { ...one, experiment, jacobian };
    });
  }

  /**
   * With standard deviations by name in place of fitted ones: the gradient by x, and by the logarithm of each.
   */
  density = async (x: Float64Array, sigma: Readonly<Record<string, number>>): Promise<Density> => {
    const none = { value: Infinity, gradient: new Float64Array(x.length), byLogSigma: {} };
    return this.attempts.at(none, () => this.byPullback(x, sigma));
  };

  private priorsAt(x: Float64Array): ReturnType<FreeParameters["priorsAt"]> {
    const values = this.free.valuesAt(x);
    return this.free.priorsAt(values, this.free.slopesAt(values));
  }

  /** By the adjoint of the solve, for many. */
  private async byPullback(x: Float64Array, sigma: Readonly<Record<string, number>> = {}): Promise<Density> {
    const slopes = this.free.slopesAt(this.free.valuesAt(x));
    const points = this.pointsAt(x);
    const gradient = new Float64Array(x.length);
    const byLogSigma: Record<string, number> = {};
    let value = NaN;
    const direct: Float64Array[] = [];
    const pulled = await this.solves.pulledBack(this.experiments, points, (states) => {
      const predicted = this.experiments.map((experiment, k) => predictionsOf(experiment, states[k], points[k]));
      this.experiments.forEach((experiment, k) => requireSlopes(experiment, predicted[k]));
      const likely = likelihoodOf(predicted.flat(), sigma);
      value = likely.value;
      if (!Number.isFinite(value)) return undefined;
      const rows = likely.residuals[Symbol.iterator]();
      return this.experiments.map((experiment, k) => {
        const { u, p } = cotangentsOf(experiment, predicted[k], () => rows.next().value!, byLogSigma);
        direct.push(p);
        return u;
      });
    });
    pulled.forEach((flat, k) =>
      this.free.list.forEach(({ of, index }, j) => {
        gradient[j] += slopes[j] * (flat[of]![index] + (of === "p" ? direct[k][index] : 0));
      }),
    );
    if (!Number.isFinite(value)) return { value, gradient, byLogSigma };
    const priors = this.priorsAt(x);
    for (const { j, residual, slope } of priors) gradient[j] += slope * residual;
    return { value: value + halfSquares(priors), gradient, byLogSigma };
  }
}

/** The derivatives of the misfit by the states of an experiment at its times, and by p beside those; by ln sigma they are added to. */
function cotangentsOf(
  { times, u0, p }: Experiment,
  predicted: readonly PredictedSeries[],
  nextRows: () => readonly Residual[],
  byLogSigma: Record<string, number>,
): { readonly u: Float64Array[]; readonly p: Float64Array } {
  const bars = { u: Array.from(times, () => new Float64Array(u0.length)), p: new Float64Array(p.length) };
  for (const { series, predictions } of predicted) {
    const rows = nextRows();
    if (series.sigma === "fitted") {
      byLogSigma[series.name] ??= 0;
      for (const { residual } of rows) byLogSigma[series.name] += 1 - residual ** 2;
    }
    predictions.forEach(({ uBar, pBar }, i) => {
      const weight = rows[i].slope * rows[i].working;
      addScaled(bars.u[series.at[i]], weight, uBar);
      addScaled(bars.p, weight, pBar);
    });
  }
  return bars;
}

function likelihoodOf(all: readonly PredictedSeries[], sigma?: Readonly<Record<string, number>>): Likelihood {
  const series = all.map((one) => ({ series: one.series, predicted: one.predictions.map(({ value }) => value) }));
  return likelihood(series, sigma);
}

function halfSquares(all: readonly { readonly residual: number }[]): number {
  return all.reduce((sum, { residual }) => sum + residual ** 2 / 2, 0);
}

function addScaled(sum: Float64Array, factor: number, term: Float64Array): void {
  for (let i = 0; i < sum.length; i++) sum[i] += factor * term[i];
}
