/** Curves of measured or computed points, in panels side by side, on linear or logarithmic axes. */
import type { PlotOptions } from "@observablehq/plot";
import { object, type Checks } from "../src/core/options/check.ts";
import { boolean, listOf, number, text } from "../src/core/options/kinds.ts";
import { formatPower, formatTick } from "./numbers.ts";
import { Figure } from "./figure.ts";
import { loadPlot, type PlotModule } from "./load.ts";
import { colors } from "./colors.ts";

export interface Axis {
  readonly label: string;
  readonly log?: boolean;
}

export interface Curve {
  /** Curves of one name share a colour and an entry of the legend. */
  readonly name: string;
  readonly points: readonly { readonly x: number; readonly y: number }[];
  readonly dashed?: boolean;
}

export interface Panel {
  readonly title: string;
  readonly x: Axis;
  readonly y: Axis;
  readonly curves: readonly Curve[];
}

/** For more curves than components are shown. */
const palette = [...colors, "#1b1e23", "#7a8b00", "#b0005e", "#00564d"];

const axisChecks: Checks<Axis> = { label: text, log: boolean };
const pointChecks: Checks<Curve["points"][number]> = { x: number, y: number };
const curveChecks: Checks<Curve> = { name: text, points: listOf(object(pointChecks, "x", "y")), dashed: boolean };
const axis = object(axisChecks, "label");
const panelChecks: Checks<Panel> = { title: text, x: axis, y: axis, curves: listOf(object(curveChecks, "name", "points")) };

export async function curvesFigure(panels: readonly Panel[], title: string): Promise<Figure> {
  listOf(object(panelChecks, "title", "x", "y", "curves"))(panels, "panels");
  text(title, "title");
  const plot = await loadPlot();
  const names = [...new Set(panels.flatMap(({ curves }) => curves.map(({ name }) => name)))];
  const color = (name: string): string => palette[names.indexOf(name) % palette.length];
  return new Figure(plot, {
    title,
    legend: names.map((name) => ({ name, color: color(name) })),
    plots: panels.map((panel) => panelOf(plot, panel, color, panels.length === 1 ? 720 : 360)),
  });
}

function panelOf(
  { line, dot, text }: PlotModule,
  { title, x, y, curves }: Panel,
  color: (name: string) => string,
  width: number,
): PlotOptions {
  return {
    width,
    height: 400,
    marginLeft: 65,
    marginRight: 20,
    marginTop: 45,
    marginBottom: 45,
    style: { fontSize: "12px" },
    x: { ...scaleOf(x), labelAnchor: "center" },
    y: scaleOf(y),
    marks: [
      text([title], { frameAnchor: "top", lineAnchor: "bottom", dy: -26, fontSize: 14 }),
      ...curves.flatMap(({ name, points, dashed }) => [
        line(points, { x: "x", y: "y", stroke: color(name), strokeWidth: 1.75, strokeDasharray: dashed ? "5 4" : undefined }),
        dot(points, { x: "x", y: "y", fill: color(name), r: 3 }),
      ]),
    ],
  };
}

function scaleOf({ label, log = false }: Axis): PlotOptions["x"] {
  return {
    label,
    type: log ? "log" : "linear",
    grid: true,
    labelArrow: "none",
    ticks: 5,
    tickFormat: log ? formatPower : formatTick,
  };
}
