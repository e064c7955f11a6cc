/** What a fit leaves. */
import { Figure, type LegendEntry } from "./figure.ts";
import { loadPlot } from "./load.ts";
import { checkFitted, contentsOf, type FittedData } from "./fit.ts";
import { dotsIn, gridOf, panel, styleOf } from "./panel.ts";

/** Of nineteen in twenty, where the noise is normal. */
const USUAL = 1.96;

/**
 * A panel for each name: residuals in standard deviations over time, beside what nineteen of twenty stay within. Where they follow a course,
 * the model misses something. Throws MissingPackage.
 */
export async function residualsFigure(data: FittedData, title: string): Promise<Figure> {
  checkFitted(data, title, "residualsFigure");
  const plot = await loadPlot();
  const { names, experiments, note } = contentsOf(data);
  const { columns, width } = gridOf(names.length);
  const { labels = {}, timeLabel = "time t" } = data;
  const usual: LegendEntry = { name: "± 1.96", color: "#555", mark: "line", dash: "5 3" };
  const legend = experiments.map((k, i): LegendEntry => {
    const { color, mark } = styleOf(i);
    return { name: experiments.length > 1 ? `experiment ${k + 1}` : "residual in standard deviations", color, mark };
  });
  return new Figure(plot, {
    title: note(title),
    columns,
    legend: [...legend, usual],
    plots: names.map((name) =>
      panel(width, { label: timeLabel }, { label: labels[name] ?? name }, [
        plot.ruleY([0], { stroke: "#555" }),
        plot.ruleY([-USUAL, USUAL], { stroke: usual.color, strokeDasharray: usual.dash }),
        ...experiments.map((experiment, i) => {
          const own = data.residuals.filter((one) => one.experiment === experiment && one.name === name);
          return plot.dot(own, { x: "t", y: "residual", ...dotsIn(styleOf(i), own.length) });
        }),
      ]),
    ),
  });
}
