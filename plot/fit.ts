/** Data with the fit through them. */
import type { Markish } from "@observablehq/plot";
import { object, type Checks } from "../src/core/options/check.ts";
import { anything, fraction, listOf, number, numbers, text } from "../src/core/options/kinds.ts";
import { requireLength } from "../src/core/options/lists.ts";
import { byName, having, labelsCheck, perhaps, requireSome } from "./checks.ts";
import { Figure, type LegendEntry } from "./figure.ts";
import { loadPlot, type PlotModule } from "./load.ts";
import { areMany, dotsIn, gridOf, MOST_PANELS, MOST_STYLES, panel, styleOf, titleOf } from "./panel.ts";

/** An observation beside its prediction, as in the `residuals` of a fit. */
export interface FittedObservation {
  /** Which experiment it is of. */
  readonly experiment: number;
  /** Of what. */
  readonly name: string;
  readonly t: number;
  readonly observed: number;
  readonly predicted: number;
  /** In standard deviations. */
  readonly residual: number;
}

/** What is predicted at all times, as `predict` returns it. */
export interface PredictedCurves {
  readonly t: ArrayLike<number>;
  /** Of the bands; 0.95 is 95 %. */
  readonly level?: number;
  readonly bands: Readonly<Record<string, PredictedBand>>;
}

export interface PredictedBand {
  readonly value: ArrayLike<number>;
  /** Where the prediction lies. */
  readonly lower?: ArrayLike<number>;
  readonly upper?: ArrayLike<number>;
  /** Where an observation lies. */
  readonly observed?: { readonly lower: ArrayLike<number>; readonly upper: ArrayLike<number> };
}

export interface FittedData {
  readonly residuals: readonly FittedObservation[];
  /** Of the experiment, or of each. By default lines lead through the predictions at the observations. */
  readonly predictions?: PredictedCurves | readonly PredictedCurves[];
  /** What is written at the axes in place of a name, with its unit: { prey: "prey (thousands)" }. */
  readonly labels?: Readonly<Record<string, string>>;
  /** Of the time axis, with the unit. Default "time t". */
  readonly timeLabel?: string;
}

const observation = having<FittedObservation>({
  experiment: number,
  name: text,
  t: number,
  observed: number,
  predicted: number,
  residual: number,
});
const checks: Checks<FittedData> = {
  residuals: listOf(observation),
  predictions: anything,
  labels: labelsCheck,
  timeLabel: text,
};
const ends = having<NonNullable<PredictedBand["observed"]>>({ lower: numbers, upper: numbers });
const band = having<PredictedBand>({ value: numbers, lower: perhaps(numbers), upper: perhaps(numbers), observed: perhaps(ends) });
const curvesCheck = having<PredictedCurves>({ t: numbers, level: perhaps(fraction), bands: byName(band) });

/** Throws BadOption and UnknownOption; `where` is the picture. */
export function checkFitted(data: FittedData, title: string, where: string): void {
  object(checks, "residuals")(data, where);
  requireSome(data.residuals, "residuals");
  text(title, "title");
  const all = curvesOf(data);
  all.forEach((curves, k) => {
    const what = Array.isArray(data.predictions) ? `predictions[${k}]` : "predictions";
    curvesCheck(curves, what);
    for (const [name, { value, lower = value, upper = value, observed }] of Object.entries(curves.bands)) {
      const lists = {
        value,
        lower,
        upper,
        "observed.lower": observed?.lower ?? value,
        "observed.upper": observed?.upper ?? value,
      };
      for (const [key, list] of Object.entries(lists))
        requireLength(list, curves.t.length, `${what}.bands.${name}.${key}`, "time");
    }
  });
}

function curvesOf({ predictions = [] }: FittedData): readonly PredictedCurves[] {
  return Array.isArray(predictions) ? (predictions as readonly PredictedCurves[]) : [predictions as PredictedCurves];
}

/** What is observed, the panels; the experiments in each. The first ones where there are many. */
export function contentsOf({ residuals }: FittedData): {
  readonly names: readonly string[];
  readonly experiments: readonly number[];
  readonly note: (title: string) => string;
} {
  const [names, experiments] = [
    [...new Set(residuals.map(({ name }) => name))],
    [...new Set(residuals.map((one) => one.experiment))],
  ];
  const shown = { names: names.slice(0, MOST_PANELS), experiments: experiments.slice(0, MOST_STYLES) };
  const note = (title: string): string =>
    titleOf(
      titleOf(title, shown.names.length, names.length, "names"),
      shown.experiments.length,
      experiments.length,
      "experiments",
    );
  return { ...shown, note };
}

/**
 * A panel for each name, in which observations are dots and the fit is a line within its bands: of the prediction, and of observations. Throws
 * MissingPackage.
 */
export async function fitFigure(data: FittedData, title: string): Promise<Figure> {
  checkFitted(data, title, "fitFigure");
  const plot = await loadPlot();
  const { names, experiments, note } = contentsOf(data);
  const { columns, width } = gridOf(names.length);
  const { labels = {}, timeLabel = "time t" } = data;
  return new Figure(plot, {
    title: note(title),
    columns,
    legend: legendOf(data, experiments),
    plots: names.map((name) =>
      panel(
        width,
        { label: timeLabel },
        { label: labels[name] ?? name },
        experiments.flatMap((experiment, i) => marksOf(plot, data, { name, experiment, i, alone: experiments.length === 1 })),
      ),
    ),
  });
}

/** Without colours: of a prediction darker than of observations. */
const bandColors = { prediction: "#9db1e4", observations: "#dfe6f7" };

function legendOf(data: FittedData, experiments: readonly number[]): LegendEntry[] {
  if (experiments.length > 1) return experiments.map((k, i) => ({ name: `experiment ${k + 1}`, ...styleOf(i) }));
  const { color } = styleOf(0);
  const curves = curvesOf(data);
  const bands = curves.flatMap((one) => Object.values(one.bands));
  const part = curves[0]?.level === undefined ? "" : `${Math.round(1000 * curves[0].level) / 10} % `;
  return [
    { name: "observed", color: "#1b1e23", mark: "ring" },
    { name: "fit", color, mark: "line" },
    ...(bands.some(({ lower }) => isThere(lower)) ? [{ name: `${part}of the prediction`, color: bandColors.prediction }] : []),
    ...(bands.some(({ observed }) => isThere(observed?.lower))
      ? [{ name: `${part}of observations`, color: bandColors.observations }]
      : []),
  ];
}

/** Bands are NaN where data do not determine a prediction. */
function isThere(ends: ArrayLike<number> = []): boolean {
  return Array.from(ends).some(Number.isFinite);
}

interface Drawn {
  readonly name: string;
  readonly experiment: number;
  readonly i: number;
  /** Is it the only experiment? */
  readonly alone: boolean;
}

/** No line leads to it: what is beside it is NaN, or nothing. */
function isLonely(rows: readonly { readonly value: number }[], k: number): boolean {
  const [before, own, after] = [k - 1, k, k + 1].map((at) => Number.isFinite(rows[at]?.value));
  return own && !before && !after;
}

function marksOf({ areaY, lineY, dot }: PlotModule, data: FittedData, { name, experiment, i, alone }: Drawn): Markish[] {
  const style = styleOf(i);
  const own = data.residuals.filter((one) => one.experiment === experiment && one.name === name).sort((a, b) => a.t - b.t);
  const curves = curvesOf(data)[experiment];
  const band = curves?.bands[name];
  const rows = band
    ? Array.from(curves.t, (t, k) => ({
        t,
        value: band.value[k],
        lower: band.lower?.[k],
        upper: band.upper?.[k],
        low: band.observed?.lower[k],
        high: band.observed?.upper[k],
      })).sort((a, b) => a.t - b.t)
    : own.map(({ t, predicted }) => ({ t, value: predicted }));
  const fill = alone ? { fill: bandColors.prediction } : { fill: style.color, fillOpacity: 0.15 };
  const line = lineY(rows, { x: "t", y: "value", stroke: style.color, strokeWidth: 1.75, strokeDasharray: style.dash });
  const dots = dot(own, { x: "t", y: "observed", ...dotsIn(alone ? { color: "#1b1e23", mark: "ring" } : style, own.length) });
  const place = dot(
    rows.filter((_, k) => isLonely(rows, k)),
    { x: "t", y: "value", symbol: "times", stroke: style.color, strokeWidth: 1.75 },
  );
  return [
    ...(band?.observed && alone ? [areaY(rows, { x: "t", y1: "low", y2: "high", fill: bandColors.observations })] : []),
    ...(band?.lower ? [areaY(rows, { x: "t", y1: "lower", y2: "upper", ...fill })] : []),
    ...(areMany(own.length) ? [dots, line] : [line, dots]),
    place,
  ];
}
