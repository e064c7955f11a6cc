/** A figure: a title over a row of plots, as SVG. */
import { jupyterDisplay, type MimeBundle } from "./notebook.ts";
import { serialize, svgDocument } from "./document.ts";
import { escapeMarkup } from "./markup.ts";

/** What a plot is drawn from: options of Observable Plot, whose types are not needed to read ours. */
export interface PlotSpec {
  readonly width?: number | undefined;
  readonly height?: number | undefined;
}

/** What draws one: the module of Observable Plot. */
interface Drawing {
  plot(options?: object): unknown;
}

/** Entries of the figure's own legend: Plot's needs a web page around it. */
export interface LegendEntry {
  readonly name: string;
  readonly color: string;
  /** How it is drawn. "area" by default. */
  readonly mark?: "area" | "line" | "dot" | "ring";
  /** Dashes of the line, as SVG has them; with dots, of the line through them. "none" is a whole line. */
  readonly dash?: string;
}

export interface FigureParts {
  readonly title: string;
  /** Side by side, in rows of so many `columns`; by default in one. */
  readonly plots: readonly PlotSpec[];
  readonly columns?: number;
  readonly legend?: readonly LegendEntry[];
}

const margin = 16;
const lineHeight = 22;
const font = `font-family="Helvetica, Arial, Liberation Sans, DejaVu Sans, sans-serif"`;

/** Shows itself where it is the value of a notebook's cell. */
export class Figure {
  readonly title: string;
  readonly plots: readonly PlotSpec[];
  readonly legend: readonly LegendEntry[];
  private readonly columns: number;

  constructor(
    private readonly plot: Drawing,
    { title, plots, legend = [], columns = Infinity }: FigureParts,
  ) {
    this.title = title;
    this.plots = plots;
    this.legend = legend;
    this.columns = columns;
  }

  /** The whole figure as the text of an SVG file; it needs no style sheet and no script. */
  toSvg(): string {
    const lines = inRows(this.plots, this.columns);
    const width = 2 * margin + Math.max(...lines.map((line) => line.reduce((sum, { width }) => sum + (width ?? 0), 0)));
    const rows = legendRows(this.legend, width - 2 * margin);
    let y = margin + lineHeight + rows.length * lineHeight;
    const panels = lines.flatMap((line) => {
      let x = margin;
      const drawn = line.map((options) => {
        const panel = `<g transform="translate(${x},${y})">${serialize(this.plot.plot({ ...options, document: svgDocument() }))}</g>`;
        x += options.width ?? 0;
        return panel;
      });
      y += Math.max(...line.map(({ height }) => height ?? 0));
      return drawn;
    });
    const height = y + margin;
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

function inRows<T>(items: readonly T[], columns: number): T[][] {
  const rows = Math.max(1, Math.ceil(items.length / columns));
  return Array.from({ length: rows }, (_, i) => items.slice(i === 0 ? 0 : i * columns, (i + 1) * columns));
}

/** Legend entries in rows no wider than `width`; 7 pixels stand for the width of a letter. */
function legendRows(legend: readonly LegendEntry[], width: number): string[] {
  const rows: string[] = [];
  let x = Infinity;
  for (const entry of legend) {
    const sample = sampleOf(entry);
    const start = sample.width + 6;
    const advance = start + 7 * entry.name.length + 14;
    if (x + advance > width) {
      rows.push("");
      x = 0;
    }
    rows[rows.length - 1] +=
      `<g transform="translate(${x},0)">${sample.markup}<text x="${start}" y="14">${escapeMarkup(entry.name)}</text></g>`;
    x += advance;
  }
  return rows;
}

/** As it is drawn in the plots. */
function sampleOf({ color, mark = "area", dash }: LegendEntry): { readonly width: number; readonly markup: string } {
  if (mark === "area") return { width: 12, markup: `<rect x="0" y="4" width="12" height="12" fill="${color}"/>` };
  const hasLine = mark === "line" || dash !== undefined;
  const width = hasLine ? 32 : 12;
  const line = `<path d="M0,10H${width}" stroke="${color}" stroke-width="1.75" stroke-dasharray="${dash ?? "none"}"/>`;
  const fill = mark === "ring" ? "white" : color;
  const dot = `<circle cx="${width / 2}" cy="10" r="3.5" fill="${fill}" stroke="${color}" stroke-width="1.5"/>`;
  return { width, markup: (hasLine ? line : "") + (mark === "line" ? "" : dot) };
}
