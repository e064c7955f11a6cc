/** The same functions in Node without the plugin, where the inspector shows what they capture. */
import { execFileSync } from "node:child_process";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { transform } from "esbuild";
import { createServer } from "vite";
import { expect, it, onTestFinished } from "vitest";
import { projectFolder } from "./bundlers.ts";
import { expectOutcomes, type Outcomes } from "./expected.ts";

/** What an arrow has for `this` the inspector does not show. */
const refused = { ofThis: /What `this` is in an arrow function cannot be seen/ };

const run = (root: string, ...args: string[]): Outcomes =>
  JSON.parse(execFileSync(process.execPath, args, { cwd: root, encoding: "utf8" })) as Outcomes;

it("by tsx", () => {
  const tsx = pathToFileURL(createRequire(import.meta.url).resolve("tsx")).href;
  expectOutcomes(run(projectFolder(), "--import", tsx, "node.ts"), refused);
});

it("as JavaScript, a file each", async () => {
  const root = projectFolder();
  const files = readdirSync(root).filter((name) => name.endsWith(".ts"));
  expect(files).toContain("node.ts");
  for (const name of files) {
    const { code } = await transform(readFileSync(join(root, name), "utf8"), { loader: "ts" });
    writeFileSync(join(root, name.replace(/ts$/, "js")), code.replaceAll(/from "(\..*)\.ts"/g, 'from "$1.js"'));
  }
  expectOutcomes(run(root, "node.js"), refused);
});

it("as vitest runs files", async () => {
  const server = await createServer({
    root: projectFolder(),
    configFile: false,
    logLevel: "error",
    server: { middlewareMode: true, hmr: false, ws: false, watch: null },
    optimizeDeps: { noDiscovery: true },
  });
  onTestFinished(() => server.close());
  const { outcomes } = (await server.ssrLoadModule("/outcomes.ts")) as { outcomes: () => Outcomes };
  expectOutcomes(JSON.parse(JSON.stringify(outcomes())) as Outcomes, refused);
});
