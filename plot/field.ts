/** Fields over a two-dimensional grid, as heat maps, each with its labelled colour ramp. */
import type { PlotOptions } from "@observablehq/plot";
import { object, type Checks } from "../src/core/options/check.ts";
import { count, listOf, numbers, text } from "../src/core/options/kinds.ts";
import type { Field } from "./fields.ts";
import { formatTick } from "./numbers.ts";
import { requireLength } from "../src/core/options/lists.ts";
import { Figure } from "./figure.ts";
import { loadPlot, type PlotModule } from "./load.ts";

const checks: Checks<Field> = { name: text, rows: count, columns: count, values: numbers };

/** Values of both signs get colours that diverge from zero, others viridis over their range. */
export async function fieldFigure(fields: readonly Field[], title: string): Promise<Figure> {
  listOf(object(checks, "name", "rows", "columns", "values"))(fields, "fields");
  fields.forEach(({ values, rows, columns }, i) => requireLength(values, rows * columns, `fields[${i}].values`, "point"));
  text(title, "title");
  const plot = await loadPlot();
  return new Figure(plot, { title, plots: fields.flatMap((field) => [heatMap(plot, field), ramp(plot, field)]) });
}

/** Relative to the values; less difference is no picture, and has no labels that differ. */
const SEEN = 1e-9;

const side = 320;
const margins = { marginTop: 32, marginBottom: 42 };
const style = { fontSize: "12px" };
const axis = { tickSize: 4, labelArrow: "none" as const };

/** None between grid points. */
const wholeTicks = (points: number): object => (points < 10 ? { ticks: points } : {});

function heatMap({ rect, text }: PlotModule, field: Field): PlotOptions {
  const { name, rows, columns } = field;
  const cells = Array.from(field.values, (value, i) => ({ value, i: i % columns, j: Math.floor(i / columns) }));
  const edges = {
    x1: ({ i }: Cell) => i - 0.5,
    x2: ({ i }: Cell) => i + 0.5,
    y1: ({ j }: Cell) => j - 0.5,
    y2: ({ j }: Cell) => j + 0.5,
  };
  return {
    ...margins,
    width: side + 60,
    height: panelHeight(field),
    marginLeft: 50,
    marginRight: 10,
    style,
    x: { ...axis, ...wholeTicks(columns), domain: [-0.5, columns - 0.5], label: "column (x)", labelAnchor: "center" },
    y: { ...axis, ...wholeTicks(rows), domain: [-0.5, rows - 0.5], label: "row (y)", labelAnchor: "center" },
    color: colorScale(field),
    marks: [
      rect(cells, { ...edges, fill: "value", inset: 0, shapeRendering: "crispEdges" }),
      text([name], { frameAnchor: "top-left", lineAnchor: "bottom", dy: -8, fontSize: 14 }),
    ],
  };
}

interface Cell {
  readonly i: number;
  readonly j: number;
}

function ramp({ rect }: PlotModule, field: Field): PlotOptions {
  const [low, high] = range(field.values);
  const step = (high - low) / 128;
  return {
    ...margins,
    width: 95,
    height: panelHeight(field),
    marginLeft: 0,
    marginRight: 75,
    style,
    x: { axis: null },
    y: { ...axis, axis: "right", domain: [low, high], label: null, tickFormat: formatTick },
    color: colorScale(field),
    marks: [
      rect(
        Array.from({ length: 128 }, (_, i) => low + step * i),
        {
          x1: 0,
          x2: 1,
          y1: (y: number) => y,
          y2: (y: number) => y + step,
          fill: (y: number) => y + step / 2,
          inset: 0,
          shapeRendering: "crispEdges",
        },
      ),
    ],
  };
}

function panelHeight({ rows, columns }: Field): number {
  return (side * rows) / columns + margins.marginTop + margins.marginBottom;
}

function colorScale({ values }: Field): PlotOptions["color"] {
  const [low, high] = range(values);
  return low < 0 && high > 0
    ? { type: "diverging", scheme: "RdBu", reverse: true, domain: [low, high], pivot: 0 }
    : { type: "linear", scheme: "viridis", domain: [low, high] };
}

/** The interval that the colours cover: symmetric about zero where signs mix, and never empty, so that what is constant, or but for rounding, has a ramp too. */
function range(values: ArrayLike<number>): [number, number] {
  let low = Infinity;
  let high = -Infinity;
  for (let i = 0; i < values.length; i++) {
    low = Math.min(low, values[i]);
    high = Math.max(high, values[i]);
  }
  if (low < 0 && high > 0) return [-Math.max(-low, high), Math.max(-low, high)];
  const size = Math.max(Math.abs(low), Math.abs(high));
  if (high - low > SEEN * size) return [low, high];
  const half = size === 0 ? 0.5 : size / 2;
  return [low - half, high + half];
}
