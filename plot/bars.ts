/** Named numbers as bars, such as a gradient's components. */
import type { PlotOptions } from "@observablehq/plot";
import { object, type Checks } from "../src/core/options/check.ts";
import { listOf, number, text } from "../src/core/options/kinds.ts";
import { formatTick } from "./numbers.ts";
import { Figure } from "./figure.ts";
import { loadPlot } from "./load.ts";

export interface Bar {
  readonly name: string;
  readonly value: number;
}

const checks: Checks<Bar> = { name: text, value: number };

const most = 30;

/** All bars where there are few, else the largest in magnitude, which the title then says. */
export async function barsFigure(bars: readonly Bar[], title: string, label: string): Promise<Figure> {
  listOf(object(checks, "name", "value"))(bars, "bars");
  text(title, "title");
  text(label, "label");
  const plot = await loadPlot();
  const largest = new Set([...bars].sort((a, b) => Math.abs(b.value) - Math.abs(a.value)).slice(0, most));
  const shown = bars.filter((bar) => largest.has(bar));
  const options: PlotOptions = {
    width: 720,
    height: 70 + 26 * shown.length,
    marginLeft: 24 + 7 * Math.max(...shown.map(({ name }) => name.length)),
    marginBottom: 40,
    style: { fontSize: "12px" },
    x: { label, labelAnchor: "center", labelArrow: "none", grid: true, tickFormat: formatTick },
    y: { domain: shown.map(({ name }) => name), label: null },
    marks: [plot.barX(shown, { x: "value", y: "name", fill: "#4269d0" }), plot.ruleX([0])],
  };
  return new Figure(plot, {
    title: shown.length < bars.length ? `${title} (the ${most} largest of ${bars.length} components)` : title,
    plots: [options],
  });
}
