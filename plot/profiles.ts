/** Profile likelihoods. */
import { fraction, listOf, number, text } from "../src/core/options/kinds.ts";
import { having, labelsCheck, requireSome } from "./checks.ts";
import { Figure } from "./figure.ts";
import { loadPlot, type PlotModule } from "./load.ts";
import { formatNumber } from "./numbers.ts";
import { dotsIn, gridOf, MOST_PANELS, panel, styleOf, titleOf } from "./panel.ts";

/** Of one parameter, as in what `profile` returns. */
export interface ParameterProfile {
  readonly name: string;
  readonly best: number;
  /** The interval; infinite where it is open. */
  readonly lower: number;
  readonly upper: number;
  readonly points: readonly { readonly at: number; readonly value: number }[];
}

export interface ProfileCurves {
  /** The misfit at the ends of the intervals. */
  readonly threshold: number;
  /** Of the intervals; 0.95 is 95 %. */
  readonly level: number;
  readonly profiles: readonly ParameterProfile[];
}

const point = having<ParameterProfile["points"][number]>({ at: number, value: number });
const profile = having<ParameterProfile>({ name: text, best: number, lower: number, upper: number, points: listOf(point) });
const curves = having<ProfileCurves>({ threshold: number, level: fraction, profiles: listOf(profile) });

/**
 * A panel for each parameter, the first ones where there are many: the lowest misfit for each of its values, the threshold, and where the
 * interval ends. Throws MissingPackage.
 */
export async function profilesFigure(
  found: ProfileCurves,
  title: string,
  labels: Readonly<Record<string, string>> = {},
): Promise<Figure> {
  curves(found, "profilesFigure");
  requireSome(found.profiles, "profiles");
  text(title, "title");
  labelsCheck(labels, "labels");
  const plot = await loadPlot();
  const shown = found.profiles.slice(0, MOST_PANELS);
  const { columns, width } = gridOf(shown.length);
  return new Figure(plot, {
    title: titleOf(title, shown.length, found.profiles.length, "parameters"),
    columns,
    legend: [
      { name: "lowest misfit", color: own.color, mark: "dot", dash: "none" },
      { name: "best fit", color: other.color, mark: "ring" },
      {
        name: `threshold of ${formatNumber(100 * found.level)} %, ends of the interval`,
        color: "#555",
        mark: "line",
        dash: "5 3",
      },
    ],
    plots: shown.map((one) => panelOf(plot, one, found.threshold, labels[one.name] ?? one.name, width)),
  });
}

const [own, other] = [styleOf(0), styleOf(1)];

function panelOf(
  { lineY, dot, ruleX, ruleY }: PlotModule,
  { best, lower, upper, points }: ParameterProfile,
  threshold: number,
  label: string,
  width: number,
): Figure["plots"][number] {
  const lowest = points.reduce((least, { value }) => Math.min(least, value), Infinity);
  // What is far above the threshold would leave no room for what is below.
  const highest = threshold + (threshold - lowest) / 2;
  const inside = points.filter(({ value }) => value <= highest);
  const rule = { stroke: "#555", strokeDasharray: "5 3" };
  return panel(width, { label }, { label: "misfit", domain: [lowest, highest] }, [
    ruleY([threshold], rule),
    ruleX([lower, upper].filter(Number.isFinite), rule),
    lineY(inside, { x: "at", y: "value", stroke: own.color, strokeWidth: 1.75 }),
    dot(inside, { x: "at", y: "value", ...dotsIn(own, inside.length) }),
    dot([{ at: best, value: lowest }], { x: "at", y: "value", ...dotsIn(other, 1), r: 4.5 }),
  ]);
}
