/** Figures as files: SVG or PNG. */
import { mkdir, writeFile } from "node:fs/promises";
import { dirname, extname } from "node:path";
import type * as Resvg from "@resvg/resvg-js";
import type { Figure } from "../plot/figure.ts";
import { MissingPackage } from "../src/errors.ts";
import { UnknownPictureFormat } from "./errors.ts";

/** Formats in which a figure can be written, by the file's extension. */
const formats: Readonly<Record<string, (svg: string) => Promise<string | Uint8Array>>> = {
  ".svg": async (svg) => svg,
  ".png": rasterize,
};

/** Fails early on a path that no figure can be written to, before the work that the figure is to show. */
export function checkPicturePath(path: string): void {
  if (!(extname(path) in formats)) throw new UnknownPictureFormat(path, Object.keys(formats));
}

/** Writes the figure to `path`, whose extension chooses the format: .svg or .png. */
export async function writeFigure(figure: Figure, path: string): Promise<void> {
  checkPicturePath(path);
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, await formats[extname(path)](figure.toSvg()));
}

async function rasterize(svg: string): Promise<Uint8Array> {
  const { Resvg } = await loadResvg();
  return new Resvg(svg, { fitTo: { mode: "zoom", value: 2 } }).render().asPng();
}

/** An optional peer dependency. */
async function loadResvg(): Promise<typeof Resvg> {
  try {
    return await import("@resvg/resvg-js");
  } catch (error) {
    throw new MissingPackage("@resvg/resvg-js", "Writing a PNG", { cause: error });
  }
}
