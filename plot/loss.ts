/** The course of a loss. */
import { listOf, number, text } from "../src/core/options/kinds.ts";
import { having, perhaps, requireSome } from "./checks.ts";
import { Figure, type LegendEntry } from "./figure.ts";
import { loadPlot } from "./load.ts";
import { dotsIn, panel, styleOf } from "./panel.ts";

/** As `onProgress` of `train` and `fit` is told it, step by step. */
export interface LossStep {
  readonly step?: number;
  readonly iteration?: number;
  readonly value: number;
  /** Of held-out data, at the steps at which they were looked at. */
  readonly heldOut?: number;
}

const stepCheck = having<LossStep>({
  step: perhaps(number),
  iteration: perhaps(number),
  value: number,
  heldOut: perhaps(number),
});

/** A loss that falls by more than this has a logarithmic axis. */
const MUCH = 100;
/** Points that are few are marked. */
const FEW = 50;

/** By the logarithm, where all is positive and much changes. Throws MissingPackage. */
export async function lossFigure(course: readonly LossStep[], title: string): Promise<Figure> {
  listOf(stepCheck)(course, "course");
  requireSome(course, "course");
  text(title, "title");
  const plot = await loadPlot();
  const points = course.map(({ step, iteration, value, heldOut }, i) => ({ step: step ?? iteration ?? i, value, heldOut }));
  const held = points.filter(({ heldOut }) => heldOut !== undefined);
  const all = points.flatMap(({ value, heldOut = value }) => [value, heldOut]);
  const lowest = all.reduce((least, value) => Math.min(least, value), Infinity);
  const isLogarithmic = lowest > 0 && all.some((value) => value > MUCH * lowest);
  const [own, other] = [styleOf(0), { ...styleOf(1), dash: "5 3" }];
  const legend: LegendEntry[] = [
    { name: "loss", color: own.color, mark: "line" },
    ...(held.length > 0 ? [{ name: "held out", ...other }] : []),
  ];
  return new Figure(plot, {
    title,
    legend,
    plots: [
      panel(720, { label: "step" }, { label: "loss", type: isLogarithmic ? "log" : "linear" }, [
        plot.lineY(points, { x: "step", y: "value", stroke: own.color, strokeWidth: 1.75 }),
        plot.dot(points.length > FEW ? [] : points, { x: "step", y: "value", ...dotsIn(own, FEW) }),
        plot.lineY(held, { x: "step", y: "heldOut", stroke: other.color, strokeWidth: 1.75, strokeDasharray: other.dash }),
        plot.dot(held, { x: "step", y: "heldOut", ...dotsIn(other, held.length) }),
      ]),
    ],
  });
}
