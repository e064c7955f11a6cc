/** The misfit of a model to observations: its value, gradient, and residuals with their Jacobian. */
import { pack, unpack } from "../../src/arrays/pack.ts";
import type { AbsoluteTolerance } from "../../solvers/step-loop/tolerances.ts";
import type { Method } from "../../solvers/step/method.ts";
import { solve } from "../../solvers/solve/solve.ts";
import { sensitivities } from "../../sensitivity/sensitivities.ts";
import { solveWithPullback } from "../../sensitivity/pullback.ts";
import type { Evaluation, LeastSquares, Objective } from "../optimisers/optimiser.ts";
import type { FreeParameters } from "../parameters/free.ts";
import type { FitResidual } from "./fit-residual.ts";
import { Attempts } from "./attempts.ts";
import type { Experiment } from "./experiment.ts";
import { likelihood, type Likelihood } from "./likelihood.ts";
import { noiseByName, type SeriesNoise } from "./series-noise.ts";
import { predictionsOf, requireSlopes, type Point, type PredictedSeries } from "./predictions.ts";

/** How the model is solved in a fit. */
export interface SolveSettings {
  readonly solver?: Method;
  readonly rtol?: number;
  readonly atol?: AbsoluteTolerance<unknown>;
  readonly maxSteps?: number;
  readonly signal?: AbortSignal;
}

interface AtPoint {
  readonly saveat: Float64Array;
  readonly u0: unknown;
  readonly p: unknown;
}

/** The predictions of an experiment's series, and a row of derivatives by what is free for each observation. */
export interface Linearized extends PredictedSeries {
  readonly experiment: Experiment;
  readonly rows: readonly Float64Array[];
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
    private readonly settings: SolveSettings,
    readonly attempts = new Attempts(settings.signal),
  ) {
    this.lower = free.lower;
    this.upper = free.upper;
  }

  gradient = async (x: Float64Array): Promise<Evaluation> =>
    this.attempts.at<Evaluation>({ value: Infinity, gradient: new Float64Array(x.length) }, () => this.byPullback(x));

  /** `sigma`: standard deviations by name in place of fitted ones. */
  leastSquares = async (x: Float64Array, sigma: Readonly<Record<string, number>> = {}): Promise<LeastSquares> => {
    const none: LeastSquares = { value: Infinity, residuals: new Float64Array(0), jacobian: new Float64Array(0) };
    return this.attempts.at(none, () => {
      const all = this.linearized(x);
      for (const one of all) requireSlopes(one.experiment, [one]);
      const { value, residuals: bySeries } = likelihoodOf(all, sigma);
      const flat = bySeries.flat();
      const priors = this.priorsAt(x);
      const jacobian = new Float64Array((flat.length + priors.length) * x.length);
      const rows = all.flatMap((one) => one.rows);
      rows.forEach((row, i) => row.forEach((derivative, j) => (jacobian[i * x.length + j] = flat[i].slope * derivative)));
      priors.forEach(({ j, slope }, i) => (jacobian[(flat.length + i) * x.length + j] = slope));
      const residuals = Float64Array.of(...flat.map(({ working }) => working), ...priors.map(({ residual }) => residual));
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
      const { states } = solve(experiment.problem, this.optionsAt(experiment, point));
      return predictionsOf(experiment, states, point).map((one) => ({ ...one, experiment, index }));
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

  /** Where u0 is a function of p it is left to that, through which derivatives by p are then too. */
  private optionsAt({ layout, times, start }: Experiment, { u0, p }: Point): SolveSettings & AtPoint {
    return { ...this.settings, saveat: times, u0: start ? undefined : unpack(layout.u, u0), p: unpack(layout.p, p) };
  }

  /** By the derivatives of the solution, for few parameters. */
  linearized(x: Float64Array): Linearized[] {
    const values = this.free.valuesAt(x);
    const slopes = this.free.slopesAt(values);
    return this.experiments.flatMap((experiment) => {
      const point = this.free.put(values, experiment);
      const options = { ...this.optionsAt(experiment, point), wrt: this.free.spaces };
      const { flat, solution } = sensitivities(experiment.problem, options);
      return predictionsOf(experiment, solution.states, point).map((one): Linearized => {
        const rows = one.predictions.map(({ uBar, pBar }, i) =>
          Float64Array.from(this.free.list, ({ of, index }, j) => {
            const matrix = flat[of]![one.series.at[i]];
            const columns = matrix.length / uBar.length;
            let sum = of === "p" ? pBar[index] : 0;
            for (let c = 0; c < uBar.length; c++) sum += uBar[c] * matrix[c * columns + index];
            return sum * slopes[j];
          }),
        );
        return { ...one, experiment, rows };
      });
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
  private byPullback(x: Float64Array, sigma: Readonly<Record<string, number>> = {}): Density {
    const values = this.free.valuesAt(x);
    const slopes = this.free.slopesAt(values);
    const solved = this.experiments.map((experiment) => {
      const point = this.free.put(values, experiment);
      const options = { ...this.optionsAt(experiment, point), wrt: this.free.spaces };
      const { solution, pullback } = solveWithPullback(experiment.problem, options);
      const predicted = predictionsOf(experiment, solution.states, point);
      requireSlopes(experiment, predicted);
      return { experiment, pullback, predicted };
    });
    const { value, residuals } = likelihoodOf(
      solved.flatMap(({ predicted }) => predicted),
      sigma,
    );
    const gradient = new Float64Array(x.length);
    const byLogSigma: Record<string, number> = {};
    if (!Number.isFinite(value)) return { value, gradient, byLogSigma };
    let next = 0;
    for (const { experiment, pullback, predicted } of solved) {
      const bars = {
        u: Array.from(experiment.times, () => new Float64Array(experiment.u0.length)),
        p: new Float64Array(experiment.p.length),
      };
      for (const { series, predictions } of predicted) {
        const rows = residuals[next++];
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
      const { layout } = experiment;
      const pulled = pullback(bars.u.map((bar) => unpack(layout.u, bar)));
      const flat = { p: pulled.p && pack(layout.p, pulled.p, "p"), u0: pulled.u0 && pack(layout.u, pulled.u0, "u0") };
      this.free.list.forEach(({ of, index }, j) => {
        gradient[j] += slopes[j] * (flat[of]![index] + (of === "p" ? bars.p[index] : 0));
      });
    }
    const priors = this.priorsAt(x);
    for (const { j, residual, slope } of priors) gradient[j] += slope * residual;
    return { value: value + halfSquares(priors), gradient, byLogSigma };
  }
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
