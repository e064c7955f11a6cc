/** Where fits from many starts ended. */
import type { PlotOptions } from "@observablehq/plot";
import { listOf, number, text } from "../src/core/options/kinds.ts";
import { having, requireSome } from "./checks.ts";
import { Figure, type LegendEntry } from "./figure.ts";
import { loadPlot } from "./load.ts";
import { formatTick } from "./numbers.ts";
import { dotsIn, panel, styleOf } from "./panel.ts";

/** A fit from one start, as in the `starts` of `multiStart`. */
export interface EndedStart {
  /** The misfit that it came to; Infinity where it failed. */
  readonly value: number;
}

/** What no data tell apart, in negative logarithms of the likelihood. */
const SAME = 0.01;

/**
 * The misfits of all starts, the lowest first, above the lowest: a flat row at its left says that many starts came to the same, and so that
 * there may be no lower one. Throws MissingPackage.
 */
export async function waterfallFigure(starts: readonly EndedStart[], title: string): Promise<Figure> {
  listOf(having<EndedStart>({ value: number }))(starts, "starts");
  requireSome(starts, "starts");
  text(title, "title");
  const plot = await loadPlot();
  const values = starts
    .map(({ value }) => value)
    .filter(Number.isFinite)
    .sort((a, b) => a - b);
  const points = values.map((value, i) => ({ rank: i + 1, above: value - values[0] }));
  const failed = starts.length - values.length;
  const [best, other] = [styleOf(0), styleOf(1)];
  const same = points.filter(({ above }) => above <= SAME);
  const apart = points.slice(same.length);
  const legend: LegendEntry[] = [
    { name: `${same.length} at the lowest`, color: best.color, mark: best.mark },
    ...(apart.length > 0 ? [{ name: `${apart.length} elsewhere`, color: other.color, mark: other.mark }] : []),
  ];
  const highest = Math.max(1, points.at(-1)?.above ?? 0);
  const every = Math.ceil((Math.floor(Math.log10(highest)) + 1) / 8);
  const powers = Array.from({ length: Math.floor(Math.log10(highest) / every) + 1 }, (_, k) => 10 ** (k * every));
  const figure = panel(720, { label: "start, by its misfit" }, { label: "misfit above the lowest" }, [
    plot.lineY(points, { x: "rank", y: "above", stroke: "#999" }),
    plot.dot(apart, { x: "rank", y: "above", ...dotsIn(other, starts.length) }),
    plot.dot(same, { x: "rank", y: "above", ...dotsIn(best, starts.length) }),
  ]);
  const options: PlotOptions = {
    ...figure,
    x: { ...figure.x, domain: [0.5, starts.length + 0.5], ticks: ranksUpTo(starts.length), tickFormat: formatTick },
    // A logarithm that has a zero.
    y: { ...figure.y, type: "symlog", constant: 0.1, domain: [0, highest], ticks: [0, ...powers], tickFormat: formatTick },
  };
  return new Figure(plot, {
    title: failed > 0 ? `${title} (${failed} of ${starts.length} starts failed)` : title,
    legend,
    plots: [options],
  });
}

/** Some ten, or all. */
function ranksUpTo(count: number): number[] {
  const every = Math.ceil(count / 12);
  return Array.from({ length: Math.ceil(count / every) }, (_, i) => 1 + i * every);
}
