/** What a model predicts where something was observed, with the derivatives of that by the state and the parameters. */
import { defaultTarget } from "../../src/compile/compile.ts";
import { appliedLoss } from "../../sensitivity/losses/compiled.ts";
import { withLoss } from "../../sensitivity/losses/loss.ts";
import { NonFiniteLoss } from "../../sensitivity/losses/errors.ts";
import { noises } from "../data/noise.ts";
import type { LossPrograms } from "../../sensitivity/losses/loss.ts";
import { componentPath } from "../../src/arrays/layout.ts";
import { derivativesOf } from "../../src/derive/program-derivatives.ts";
import { withParametersInState } from "../../src/problem/parameters-in-state.ts";
import type { OdeProblem } from "../../src/problem/problem.ts";
import { BadData } from "../data/errors.ts";
import { BadPrediction } from "./errors.ts";
import type { Experiment, ObservedSeries } from "./experiment.ts";

/** Flat initial state and parameters of an experiment. */
export interface Point {
  readonly u0: Float64Array;
  readonly p: Float64Array;
}

/** Of one observation: its value, and its derivatives by the state at its time, and by p beside that. */
export interface Prediction {
  readonly value: number;
  readonly uBar: Float64Array;
  readonly pBar: Float64Array;
}

/** Of each observation of a series. */
export interface PredictedSeries {
  readonly series: ObservedSeries;
  readonly predictions: readonly Prediction[];
}

/** At the states of an experiment's times. Throws what reading an observable throws, and BadPrediction. */
export function predictionsOf(experiment: Experiment, states: readonly Float64Array[], point: Point): PredictedSeries[] {
  return experiment.series.map((series) => {
    const { component } = series;
    const predictions =
      component === undefined ? ofFunction(experiment, series, states, point) : ofComponent(component, series, states, point);
    requirePossible(experiment, series, predictions);
    return { series, predictions };
  });
}

/** Throws {@link BadPrediction} for a prediction that the noise of a series cannot have, or beside which its likelihood has no slope. */
function requirePossible(
  { times }: Experiment,
  { name, noise, values, at }: ObservedSeries,
  predictions: readonly Prediction[],
): void {
  const i = predictions.findIndex(({ value }, k) => {
    const { residual, working, slope } = noises[noise].at(values[k], value, 1);
    // Of three numbers of which one is not finite, the sum is not either, unless they are too large together.
    return !Number.isFinite(residual + working + slope) && ![residual, working, slope].every(Number.isFinite);
  });
  if (i < 0) return;
  throw new BadPrediction(
    `The model predicts ${predictions[i].value} for "${name}" at t = ${times[at[i]]}, where ${noise} noise takes positive predictions only: ` +
      "leave out what is observed before it can be positive, or add a background to the observable.",
  );
}

/** Throws {@link BadPrediction} for an observable whose derivatives are not finite, such as a root at zero: no fit can go by it. */
export function requireSlopes({ times }: Experiment, all: readonly PredictedSeries[]): void {
  for (const { series, predictions } of all) {
    if (series.component !== undefined) continue;
    const i = predictions.findIndex(({ uBar, pBar }) => ![uBar, pBar].every((bar) => bar.every(Number.isFinite)));
    if (i < 0) continue;
    throw new BadPrediction(
      `The observable "${series.name}" has no finite derivative at t = ${times[series.at[i]]}, as a square root has none at zero: leave out what is ` +
        "observed there, or add a small number to what the root is of.",
    );
  }
}

function ofComponent(component: number, { at }: ObservedSeries, states: readonly Float64Array[], { u0, p }: Point): Prediction[] {
  const uBar = new Float64Array(u0.length);
  uBar[component] = 1;
  const pBar = new Float64Array(p.length);
  return Array.from(at, (s) => ({ value: states[s][component], uBar, pBar }));
}

function ofFunction(
  experiment: Experiment,
  series: ObservedSeries,
  states: readonly Float64Array[],
  { u0, p }: Point,
): Prediction[] {
  const { problem, times, constants } = experiment;
  const { code, layout, tspan } = problem;
  return withLoss({ at: times, of: series.of as never, constants }, { layout, tspan, u0: problem.u0, p: problem.p }, (loss) => {
    requireStill(problem, series.name, loss);
    const applied = appliedLoss({ code, loss, target: defaultTarget(), u0, p });
    return Array.from(series.at, (s, i): Prediction => {
      const [uBar, pBar] = [new Float64Array(u0.length), new Float64Array(p.length)];
      const place = `values.${series.name}[${series.rows[i]}]`;
      return { value: valueOf(series.name, place, () => applied.summand(s, states[s], uBar, pBar)), uBar, pBar };
    });
  });
}

/** Throws {@link BadData} for an observable that reads parameters which events change: it is given those of the start. */
function requireStill(problem: OdeProblem, name: string, { sum }: LossPrograms): void {
  const { changed } = withParametersInState(problem).code;
  if (!changed) return;
  const { columnPointers } = derivativesOf(sum!.value).pattern("p");
  const read = changed.indices.find((index) => columnPointers[index + 1] > columnPointers[index]);
  if (read === undefined) return;
  throw new BadData(
    `The observable "${name}" reads ${componentPath(problem.layout.p, read, "p")}, which an event changes. Make that a component of u whose ` +
      "derivative is 0, which observables see as it is at their times.",
  );
}

/** Throws {@link BadPrediction}. */
function valueOf(name: string, place: string, predict: () => number): number {
  try {
    return predict();
  } catch (error) {
    if (!(error instanceof NonFiniteLoss)) throw error;
    throw new BadPrediction(
      `The observable "${name}" is not finite beside ${place}. ${error.message.replace("loss: its value", "Its value")}`,
      {
        cause: error,
      },
    );
  }
}
