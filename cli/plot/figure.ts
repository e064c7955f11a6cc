/** A figure: a title over a row of plots, written as SVG or PNG. */
import { mkdir, writeFile } from "node:fs/promises";
import { dirname, extname } from "node:path";
import type * as Plot from "@observablehq/plot";
import { MissingPackage } from "../../src/errors.ts";
import { UnknownPictureFormat } from "../errors.ts";
import { escapeMarkup, serialize, svgDocument } from "./document.ts";

export type PlotModule = typeof Plot;

/** Entries of the figure's own legend: Plot's needs a web page around it. */
export interface LegendEntry {
  readonly name: string;
  readonly color: string;
}

export interface Figure {
  readonly title: string;
  readonly plots: readonly Plot.PlotOptions[];
  readonly legend?: readonly LegendEntry[];
}

/** Formats in which a figure can be written, by the file's extension. */
const formats: Readonly<Record<string, (svg: string) => Promise<string | Uint8Array>>> = {
  ".svg": async (svg) => svg,
  ".png": rasterize,
};

/** Fails early on a path that no figure can be written to, before the work that the figure is to show. */
export function checkPicturePath(path: string): void {
  if (!(extname(path) in formats)) throw new UnknownPictureFormat(path, Object.keys(formats));
}

/** Loads Observable Plot, an optional peer dependency. */
export async function loadPlot(): Promise<PlotModule> {
  return load(() => import("@observablehq/plot"), "@observablehq/plot", "Drawing a figure");
}

/** Draws the figure and writes it to `path`, whose extension chooses the format: .svg or .png. */
export async function writeFigure(figure: Figure, path: string): Promise<void> {
  checkPicturePath(path);
  const svg = draw(await loadPlot(), figure);
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, await formats[extname(path)](svg));
}

const margin = 16;
const lineHeight = 22;
const font = `font-family="Helvetica, Arial, Liberation Sans, DejaVu Sans, sans-serif"`;

function draw({ plot }: PlotModule, { title, plots, legend = [] }: Figure): string {
  const width = 2 * margin + plots.reduce((sum, { width }) => sum + (width ?? 0), 0);
  const rows = legendRows(legend, width - 2 * margin);
  const top = margin + lineHeight + rows.length * lineHeight;
  const height = top + Math.max(...plots.map(({ height }) => height ?? 0)) + margin;
  let x = margin;
  const panels = plots.map((options) => {
    const panel = `<g transform="translate(${x},${top})">${serialize(plot({ ...options, document: svgDocument() }))}</g>`;
    x += options.width ?? 0;
    return panel;
  });
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" ${font}>`,
    `<rect width="${width}" height="${height}" fill="white"/>`,
    `<text x="${margin}" y="${margin + 12}" font-size="15" font-weight="bold">${escapeMarkup(title)}</text>`,
    ...rows.map((row, i) => `<g transform="translate(${margin},${margin + (i + 1) * lineHeight})" font-size="12">${row}</g>`),
    ...panels.map((panel) => panel.replaceAll(`font-family="system-ui, sans-serif"`, font)),
    `</svg>`,
  ].join("\n");
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

async function rasterize(svg: string): Promise<Uint8Array> {
  const { Resvg } = await load(() => import("@resvg/resvg-js"), "@resvg/resvg-js", "Writing a PNG");
  return new Resvg(svg, { fitTo: { mode: "zoom", value: 2 } }).render().asPng();
}

async function load<T>(importModule: () => Promise<T>, name: string, purpose: string): Promise<T> {
  try {
    return await importModule();
  } catch (error) {
    throw new MissingPackage(name, purpose, { cause: error });
  }
}
