/** A batch of trajectories over time: the median of each component within bands that hold half, and nine tenths, of them. */
import type { PlotOptions } from "@observablehq/plot";
import { object, type Checks } from "../src/core/options/check.ts";
import { listOf, numbers, text } from "../src/core/options/kinds.ts";
import { requireLength } from "../src/core/options/lists.ts";
import { Figure } from "./figure.ts";
import { loadPlot, type PlotModule } from "./load.ts";
import { formatTick } from "./numbers.ts";
import { colors } from "./colors.ts";

export interface Bands {
  readonly t: ArrayLike<number>;
  /** By percentage, then by time and component. */
  readonly quantiles: Readonly<Record<5 | 25 | 50 | 75 | 95, readonly ArrayLike<number>[]>>;
  /** As in the statistics of a batch, which may be handed in whole; bands show the median. */
  readonly mean?: readonly ArrayLike<number>[];
  readonly names: readonly string[];
  /** Of the time axis, with the unit. Default "time t". */
  readonly timeLabel?: string;
}

type Quantiles = Bands["quantiles"];
const states = listOf(numbers);
const quantileChecks: Checks<Quantiles> = { 5: states, 25: states, 50: states, 75: states, 95: states };
const checks: Checks<Bands> = {
  t: numbers,
  quantiles: object(quantileChecks),
  mean: states,
  names: listOf(text),
  timeLabel: text,
};

/** Panels side by side, at most. */
const MOST_PANELS = 4;
const [color] = colors;
const legend = [
  { name: "median", color },
  { name: "25 to 75 %", color: "#9db1e4" },
  { name: "5 to 95 %", color: "#d3dcf3" },
];

/** A panel for each component, the first ones where there are many, which the title then says. */
export async function bandsFigure(bands: Bands, title: string): Promise<Figure> {
  object(checks, "t", "quantiles", "names")(bands, "bandsFigure");
  for (const percent of [5, 25, 50, 75, 95] as const) {
    const [quantile, what] = [bands.quantiles[percent], `quantiles[${percent}]`];
    states(quantile, what);
    requireLength(quantile, bands.t.length, what, "time");
    quantile.forEach((state, i) => requireLength(state, bands.names.length, `${what}[${i}]`, "name"));
  }
  text(title, "title");
  const plot = await loadPlot();
  const shown = bands.names.slice(0, MOST_PANELS);
  return new Figure(plot, {
    title: shown.length < bands.names.length ? `${title} (the first ${MOST_PANELS} of ${bands.names.length} components)` : title,
    legend,
    plots: shown.map((_, component) => panelOf(plot, bands, component, shown.length === 1 ? 720 : 360)),
  });
}

function panelOf(
  { areaY, lineY }: PlotModule,
  { t, quantiles, names, timeLabel = "time t" }: Bands,
  component: number,
  width: number,
): PlotOptions {
  const rows = Array.from(t, (time, k) => ({
    t: time,
    ...Object.fromEntries(Object.entries(quantiles).map(([percent, states]) => [`q${percent}`, states[k][component]])),
  }));
  return {
    width,
    height: 340,
    marginLeft: 65,
    marginRight: 20,
    marginTop: 30,
    marginBottom: 45,
    style: { fontSize: "12px" },
    x: { label: timeLabel, labelAnchor: "center", labelArrow: "none", ticks: 6, tickFormat: formatTick },
    y: { label: names[component], labelArrow: "none", grid: true, ticks: 6, tickFormat: formatTick },
    marks: [
      areaY(rows, { x: "t", y1: "q5", y2: "q95", fill: legend[2].color }),
      areaY(rows, { x: "t", y1: "q25", y2: "q75", fill: legend[1].color }),
      lineY(rows, { x: "t", y: "q50", stroke: color, strokeWidth: 1.75 }),
    ],
  };
}
