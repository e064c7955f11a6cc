import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { writeFigure } from "../../../cli/output/picture.ts";
import { seriesFigure } from "../../../plot/series.ts";
import { temporaryFolder } from "../run.ts";

const figure = seriesFigure({ t: [0, 1], u: [[1], [2]], names: ["x"] }, "One");

it("writes SVG, into a folder that it makes", async () => {
  const path = join(temporaryFolder(), "new", "figure.svg");
  await writeFigure(await figure, path);
  expect(readFileSync(path, "utf8")).toBe((await figure).toSvg());
});

it("writes PNG", async () => {
  const path = join(temporaryFolder(), "figure.png");
  await writeFigure(await figure, path);
  const png = readFileSync(path);
  expect(png.subarray(1, 4).toString()).toBe("PNG");
  expect(png.readUInt32BE(16)).toBe(2 * (720 + 2 * 16));
});

it("names the formats it can write", async () => {
  await expect(writeFigure(await figure, "figure.gif")).rejects.toThrow(/figure\.gif.*\.svg or \.png/);
});
