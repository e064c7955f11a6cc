/** Closures written at random are what the same equations with constants are, by the inspector and by the plugin, minified. */
import { execFileSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import fc from "fast-check";
import { expect, it } from "vitest";
import { bundlers, projectFolder } from "./bundlers.ts";
import { randomClosure } from "./random-closures.ts";

const closures = fc.gen().map((draw) => randomClosure(() => draw(fc.double, { min: 0, max: 1, maxExcluded: true, noNaN: true })));
const COUNT = Number(process.env["ODEGRAD_CLOSURES"] ?? 24);

/** A project that prints what is wrong in each of these. */
function projectOf(texts: readonly string[]): string {
  const root = projectFolder();
  const file = `
import { tanh } from "odegrad";
import * as helpers from "./random-helpers.ts";
import { Gain, scaled } from "./random-helpers.ts";
import { wrongIn } from "./random-outcomes.ts";
void tanh, helpers, Gain, scaled;
const closures = [${texts.join(",\n")}];
console.log(JSON.stringify(closures.map(wrongIn)));
`;
  writeFileSync(join(root, "random.ts"), file);
  return root;
}

function expectRight(texts: readonly string[], root: string, ...args: string[]): void {
  const wrong = JSON.parse(execFileSync(process.execPath, args, { cwd: root, encoding: "utf8" })) as string[][];
  expect(wrong.length).toBe(texts.length);
  wrong.forEach((found, k) => expect(found, texts[k]).toEqual([]));
}

it("by the inspector", () => {
  const texts = fc.sample(closures, { numRuns: COUNT, seed: 1 });
  const tsx = pathToFileURL(createRequire(import.meta.url).resolve("tsx")).href;
  expectRight(texts, projectOf(texts), "--import", tsx, "random.ts");
});

it("by the plugin, minified by esbuild, where there is no inspector", async () => {
  const texts = fc.sample(closures, { numRuns: COUNT, seed: 2 });
  const root = projectOf(texts);
  const out = join(root, "dist", "out.js");
  await bundlers["esbuild"](root, "random.ts", out);
  const hiding = "data:text/javascript,delete process.getBuiltinModule; process.getBuiltinModule = undefined;";
  expectRight(texts, root, "--import", hiding, out);
});
