/** Components of a solution over time. */
import { object, type Checks } from "../src/core/options/check.ts";
import { listOf, numbers, text } from "../src/core/options/kinds.ts";
import { requireLength } from "../src/core/options/lists.ts";
import type { Markish, PlotOptions } from "@observablehq/plot";
import { colors } from "./colors.ts";
import { spread } from "./spread.ts";
import { Figure } from "./figure.ts";
import { loadPlot, type PlotModule } from "./load.ts";

export interface Series {
  readonly t: ArrayLike<number>;
  /** One state a time. */
  readonly u: readonly ArrayLike<number>[];
  readonly names: readonly string[];
  /** Drawn as lines at their times, each with its text at the first of them; those of a solution, for one. None by default. */
  readonly switches?: readonly Moments[];
}

/** When a decision switched. */
export interface Moments {
  readonly text: string;
  readonly times: ArrayLike<number>;
}

const momentChecks: Checks<Moments> = { text, times: numbers };
const checks: Checks<Series> = {
  t: numbers,
  u: listOf(numbers),
  names: listOf(text),
  switches: listOf(object(momentChecks, "text", "times")),
};

/** Of the lines of one switch and the next, which tell them apart in grey. */
const dashes = ["5 3", "1 3", "8 3 1 3", "12 4"];

/** All components where there are few, else evenly spaced ones, which the title then says. */
export async function seriesFigure(series: Series, title: string): Promise<Figure> {
  object(checks, "t", "u", "names")(series, "seriesFigure");
  text(title, "title");
  const { t, u, names, switches = [] } = series;
  requireLength(u, t.length, "u", "time");
  u.forEach((state, i) => requireLength(state, names.length, `u[${i}]`, "name"));
  const plot = await loadPlot();
  const shown = spread(names.length, colors.length);
  const points = shown.flatMap((component) =>
    u.map((state, i) => ({ t: t[i], value: state[component], name: names[component] })),
  );
  const { lines, texts } = momentMarks(plot, switches);
  const options: PlotOptions = {
    width: 720,
    height: 400,
    marginLeft: 60,
    marginRight: 30,
    marginBottom: 40,
    style: { fontSize: "12px" },
    x: { label: "time t", labelAnchor: "center", labelArrow: "none" },
    y: { label: "state u", grid: true, labelArrow: "none" },
    color: { type: "categorical", domain: shown.map((component) => names[component]), range: colors.slice(0, shown.length) },
    marks: [...lines, plot.lineY(points, { x: "t", y: "value", stroke: "name", strokeWidth: 1.75 }), ...texts],
  };
  return new Figure(plot, {
    title: shown.length < names.length ? `${title} (${shown.length} of ${names.length} components)` : title,
    legend: shown.map((component, i) => ({ name: names[component], color: colors[i] })),
    plots: [options],
  });
}

/** Lines below the curves, and their texts above. */
function momentMarks({ ruleX, text }: PlotModule, switches: readonly Moments[]): { lines: Markish[]; texts: Markish[] } {
  const met = switches.filter(({ times }) => times.length > 0);
  return {
    lines: met.map(({ times }, i) =>
      ruleX(Array.from(times), { stroke: "#555", strokeWidth: 1, strokeDasharray: dashes[i % dashes.length] }),
    ),
    texts: met.map(({ text: name, times }, i) =>
      text([name], {
        x: times[0],
        frameAnchor: "top-left",
        dx: 3,
        dy: 3 + 13 * i,
        fill: "#333",
        stroke: "white",
        strokeWidth: 4,
      }),
    ),
  };
}
