/** Draws of a posterior, each parameter against each other. */
import type { PlotOptions } from "@observablehq/plot";
import { callable, listOf, numbers, text } from "../src/core/options/kinds.ts";
import { requireLength } from "../src/core/options/lists.ts";
import { having, labelsCheck, requireSome } from "./checks.ts";
import { Figure } from "./figure.ts";
import { loadPlot, type PlotModule } from "./load.ts";
import { formatTick } from "./numbers.ts";
import { shortened, titleOf } from "./panel.ts";
import { colors } from "./colors.ts";
import { ticksWithin } from "./ticks.ts";

/** As `sample` returns them. */
export interface Draws {
  readonly names: readonly string[];
  /** By chain, draw and name. */
  readonly draws: { readonly shape: readonly number[]; get(...indices: number[]): number };
}

const drawsCheck = having<Draws>({ names: listOf(text), draws: having<Draws["draws"]>({ shape: numbers, get: callable }) });

/** Parameters, at most. */
const MOST = 8;
/** Dots in a cell, at most. */
const DOTS = 300;
const BINS = 24;
/** Pixels about the cells at the left and below. */
const [LEFT, BELOW] = [58, 40];
/** Pixels about the frame of a cell, and between it and the outermost draws. */
const [EDGE, INSET] = [5, 4];
/** The width of a digit, of the size of its font, about. */
const LETTER = 0.58;
const [color] = colors;

/**
 * A cell for each pair of parameters: dots of draws, the correlation across from them, and on the diagonal how often each value was drawn. The
 * first parameters where there are many. Throws MissingPackage.
 */
export async function pairsFigure(
  posterior: Draws,
  title: string,
  labels: Readonly<Record<string, string>> = {},
): Promise<Figure> {
  drawsCheck(posterior, "pairsFigure");
  requireSome(posterior.names, "names");
  const { shape } = posterior.draws;
  requireLength(shape, 3, "draws.shape", "of chains, draws and names");
  requireLength(posterior.names, shape[2], "names", "parameter of the draws");
  text(title, "title");
  labelsCheck(labels, "labels");
  const plot = await loadPlot();
  const names = posterior.names.slice(0, MOST);
  const columns = names.map((name, j) => columnOf(labels[name] ?? name, valuesOf(posterior, j)));
  const size = Math.max(90, Math.min(200, Math.floor(760 / names.length)));
  const last = names.length - 1;
  return new Figure(plot, {
    title: titleOf(title, names.length, posterior.names.length, "parameters"),
    columns: names.length,
    legend: [{ name: names.length > 1 ? "draws; across from them their correlation" : "draws", color, mark: "dot" }],
    plots: columns.flatMap((y, row) => columns.map((x, column) => cellOf(plot, { x, y, size, row, column, last }))),
  });
}

function valuesOf({ draws }: Draws, j: number): Float64Array {
  const [chains, length] = draws.shape;
  return Float64Array.from({ length: chains * length }, (_, i) => draws.get(Math.floor(i / length), i % length, j));
}

function columnOf(label: string, values: Float64Array): Column {
  const [low, high] = values.reduce(([least, most], x) => [Math.min(least, x), Math.max(most, x)], [Infinity, -Infinity]);
  const around = high > low ? 0 : Math.abs(low) / 100 || 1;
  return { label, values, range: [low - around, high + around] };
}

interface Column {
  readonly label: string;
  readonly values: Float64Array;
  /** The least and the greatest, or about the only one. */
  readonly range: readonly [number, number];
}

interface Cell {
  readonly x: Column;
  readonly y: Column;
  readonly size: number;
  readonly row: number;
  readonly column: number;
  /** Row and column. */
  readonly last: number;
}

/** Ticks and names are at the left and below alone. */
function cellOf(plot: PlotModule, { x, y, size, row, column, last }: Cell): PlotOptions {
  const [isLeft, isLow] = [column === 0, row === last];
  const axis = { labelArrow: "none", tickFormat: formatTick, tickSize: 3 } as const;
  const fontSize = size < 130 ? 9 : 11;
  const isDrawn = column <= row;
  const hasScale = isLeft && row > 0;
  // The axis begins and ends at the outermost draws, a little within the frame.
  const within = ticksWithin({
    domain: x.range,
    range: [EDGE + INSET, size - EDGE - INSET],
    width: size,
    letter: LETTER * fontSize,
  });
  return {
    width: size + (isLeft ? LEFT : 0),
    height: size + (isLow ? BELOW : 0),
    marginLeft: (isLeft ? LEFT : 0) + EDGE,
    marginRight: EDGE,
    marginTop: EDGE,
    marginBottom: (isLow ? BELOW : 0) + EDGE,
    inset: column < row ? INSET : 0,
    style: { fontSize: `${fontSize}px` },
    x: {
      ...axis,
      domain: [...x.range],
      inset: INSET,
      ticks: within,
      axis: isLow ? "bottom" : null,
      label: shortened(x.label, size - 10),
      labelAnchor: "center",
    },
    y: {
      ...axis,
      ticks: size < 130 ? 2 : 3,
      axis: hasScale ? "left" : null,
      label: shortened(y.label, size - 10),
      labelAnchor: "center",
    },
    marks: [
      plot.frame({ stroke: isDrawn ? "#bbb" : "none" }),
      ...(column === row ? [histogram(plot, x)] : [column < row ? cloud(plot, x, y) : correlation(plot, x, y)]),
    ],
  };
}

function histogram({ rectY }: PlotModule, { values, range: [low, high] }: Column): ReturnType<PlotModule["rectY"]> {
  const counts = new Array<number>(BINS).fill(0);
  for (const x of values) counts[Math.min(BINS - 1, Math.floor((BINS * (x - low)) / (high - low)))]++;
  const edge = (k: number): number => low + (k / BINS) * (high - low);
  return rectY(counts, {
    x1: (_, k: number) => edge(k),
    x2: (_, k: number) => edge(k + 1),
    y: (n: number) => n,
    fill: color,
    inset: 0,
  });
}

function cloud({ dot }: PlotModule, x: Column, y: Column): ReturnType<PlotModule["dot"]> {
  const every = Math.max(1, Math.ceil(x.values.length / DOTS));
  const thinned = (values: Float64Array): Float64Array => values.filter((_, i) => i % every === 0);
  return dot(thinned(x.values), { x: thinned(x.values), y: thinned(y.values), r: 1.2, fill: color, fillOpacity: 0.6 });
}

function correlation({ text: label }: PlotModule, x: Column, y: Column): ReturnType<PlotModule["text"]> {
  // Adding zero takes the sign of one.
  return label([(Math.round(100 * correlationOf(x.values, y.values)) / 100 + 0).toFixed(2)], {
    frameAnchor: "middle",
    fontSize: 13,
    fill: "#333",
  });
}

function correlationOf(x: Float64Array, y: Float64Array): number {
  const mean = (values: Float64Array): number => values.reduce((sum, value) => sum + value, 0) / values.length;
  const [mx, my] = [mean(x), mean(y)];
  let [xx, xy, yy] = [0, 0, 0];
  x.forEach((value, i) => {
    xx += (value - mx) ** 2;
    xy += (value - mx) * (y[i] - my);
    yy += (y[i] - my) ** 2;
  });
  return xy / Math.sqrt(xx * yy);
}
