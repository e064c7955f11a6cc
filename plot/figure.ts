/** A figure: a title over a row of plots, as SVG. */
import type * as Plot from "@observablehq/plot";
import { MissingPackage } from "../src/core/errors.ts";
import { jupyterDisplay, type MimeBundle } from "./notebook.ts";
import { serialize, svgDocument } from "./document.ts";
import { escapeMarkup } from "./markup.ts";

export type PlotModule = typeof Plot;

/** Entries of the figure's own legend: Plot's needs a web page around it. */
export interface LegendEntry {
  readonly name: string;
  readonly color: string;
}

export interface FigureParts {
  readonly title: string;
  /** Side by side. */
  readonly plots: readonly Plot.PlotOptions[];
  readonly legend?: readonly LegendEntry[];
}

/** Loads Observable Plot, an optional peer dependency. Throws {@link MissingPackage}. */
export async function loadPlot(): Promise<PlotModule> {
  try {
    return await import("@observablehq/plot");
  } catch (error) {
    throw new MissingPackage("@observablehq/plot", "Drawing a figure", { cause: error });
  }
}

const margin = 16;
const lineHeight = 22;
const font = `font-family="Helvetica, Arial, Liberation Sans, DejaVu Sans, sans-serif"`;

/** Shows itself where it is the value of a notebook's cell. */
export class Figure {
  readonly title: string;
  readonly plots: readonly Plot.PlotOptions[];
  readonly legend: readonly LegendEntry[];

  constructor(
    private readonly plot: PlotModule,
    { title, plots, legend = [] }: FigureParts,
  ) {
    this.title = title;
    this.plots = plots;
    this.legend = legend;
  }

  /** The whole figure as the text of an SVG file; it needs no style sheet and no script. */
  toSvg(): string {
    const width = 2 * margin + this.plots.reduce((sum, { width }) => sum + (width ?? 0), 0);
    const rows = legendRows(this.legend, width - 2 * margin);
    const top = margin + lineHeight + rows.length * lineHeight;
    const height = top + Math.max(...this.plots.map(({ height }) => height ?? 0)) + margin;
    let x = margin;
    const panels = this.plots.map((options) => {
      const panel = `<g transform="translate(${x},${top})">${serialize(this.plot.plot({ ...options, document: svgDocument() }))}</g>`;
      x += options.width ?? 0;
      return panel;
    });
    return [
      `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" ${font}>`,
      `<rect width="${width}" height="${height}" fill="white"/>`,
      `<text x="${margin}" y="${margin + 12}" font-size="15" font-weight="bold">${escapeMarkup(this.title)}</text>`,
      ...rows.map((row, i) => `<g transform="translate(${margin},${margin + (i + 1) * lineHeight})" font-size="12">${row}</g>`),
      ...panels.map((panel) => panel.replaceAll(`font-family="system-ui, sans-serif"`, font)),
      `</svg>`,
    ].join("\n");
  }

  [jupyterDisplay](): MimeBundle {
    return { "text/plain": this.title, "text/html": this.toSvg() };
  }
}

/** Legend entries in rows no wider than `width`; 7 pixels stand for the width of a letter. */
function legendRows(legend: readonly LegendEntry[], width: number): string[] {
  const rows: string[] = [];
  let x = Infinity;
  for (const { name, color } of legend) {
    const advance = 18 + 7 * name.length + 14;
    if (x + advance > width) {
      rows.push("");
      x = 0;
    }
    rows[rows.length - 1] +=
      `<rect x="${x}" y="4" width="12" height="12" fill="${color}"/><text x="${x + 18}" y="14">${escapeMarkup(name)}</text>`;
    x += advance;
  }
  return rows;
}
