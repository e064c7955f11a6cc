/** Figures as files: SVG or PNG. */
import { existsSync } from "node:fs";
import { mkdir, writeFile } from "node:fs/promises";
import { dirname, extname } from "node:path";
import type * as Resvg from "@resvg/resvg-js";
import type { Figure } from "../../plot/figure.ts";
import { MissingPackage } from "../../src/core/errors.ts";
import { print } from "./print.ts";
import { CannotWrite, UnknownPictureFormat } from "../messages/errors.ts";

/** Formats in which a figure can be written, by the file's extension. */
const formats: Readonly<Record<string, (svg: string) => Promise<string | Uint8Array>>> = {
  ".svg": async (svg) => svg,
  ".png": rasterize,
};

/** Fails early on a path that no figure can be written to, before the work that the figure is to show. */
export function checkPicturePath(path: string): void {
  if (!Object.hasOwn(formats, extname(path))) throw new UnknownPictureFormat(path, Object.keys(formats));
}

/** Writes the figure to `path`, whose extension chooses the format: .svg or .png. Throws {@link CannotWrite}. */
export async function writeFigure(figure: Figure, path: string): Promise<void> {
  checkPicturePath(path);
  const drawn = await formats[extname(path)](figure.toSvg());
  try {
    await makeFolder(dirname(path));
    await writeFile(path, drawn);
  } catch (error) {
    throw new CannotWrite(`the picture "${path}"`, error);
  }
}

/** Writes a picture of what is printed already, which a failure leaves as it is; tells the path, where the output is for people. */
export async function addPicture(path: string | undefined, draw: () => Promise<Figure>, json = false): Promise<void> {
  if (path === undefined) return;
  await writeFigure(await draw(), path);
  if (!json) print(`picture: ${path}`);
}

/** With those around it. Node's own `recursive` never ends where the system lets nobody make one, as in /proc. */
export async function makeFolder(path: string): Promise<void> {
  if (existsSync(path)) return;
  await makeFolder(dirname(path));
  await mkdir(path);
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
