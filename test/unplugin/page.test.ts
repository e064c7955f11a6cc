/** The program on the page about bundlers, built by each of the configurations that the page shows. */
import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { pathToFileURL } from "node:url";
import { build as vite } from "vite";
import webpack, { type Configuration } from "webpack";
import { expect, it, onTestFinished } from "vitest";
import { fileOf, pageAt, root } from "../docs/pages.ts";

const { blocks } = pageAt("docs/bundlers.md");
const configurations = blocks.flatMap((block) => fileOf(block)?.match(/^(\w+)\.config\.js$/)?.[1] ?? []);

/** Of the page, with what it says is installed. */
function project(): string {
  const folder = mkdtempSync(join(tmpdir(), "odegrad-page-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const write = (path: string, text: string): void => {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  };
  for (const block of blocks) if (block.language === "js") write(fileOf(block)!, block.text);
  write("package.json", "{}");
  write("index.html", '<script type="module" src="/src/main.js"></script>');
  mkdirSync(join(folder, "node_modules"));
  symlinkSync(root, join(folder, "node_modules", "odegrad"));
  for (const name of ["vite", "rolldown", "rollup", "esbuild"])
    symlinkSync(join(root, "node_modules", name), join(folder, "node_modules", name));
  return folder;
}

const inFolder = (cwd: string, ...args: string[]): string =>
  execFileSync(process.execPath, args, { cwd, encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] });
const bin = (path: string): string => join(root, "node_modules", path);

/** What is not minified here is built ten times as fast. */
const builds: Readonly<Record<string, (folder: string) => unknown>> = {
  // What vite adds for old browsers asks for a page.
  vite: (folder) => vite({ root: folder, logLevel: "error", build: { modulePreload: false, chunkSizeWarningLimit: 2000 } }),
  rolldown: (folder) => inFolder(folder, bin("rolldown/bin/cli.mjs"), "-c"),
  rollup: (folder) => inFolder(folder, bin("rollup/dist/bin/rollup"), "-c"),
  esbuild: (folder) => inFolder(folder, "esbuild.config.js"),
  webpack: async (folder) => {
    const { default: config } = (await import(pathToFileURL(join(folder, "webpack.config.js")).href)) as {
      default: Configuration;
    };
    await new Promise<void>((resolve, reject) => {
      webpack(
        { ...config, context: folder, output: { path: join(folder, "dist") }, optimization: { minimize: false } },
        (error, stats) => (error || stats!.hasErrors() ? reject(error ?? new Error(stats!.toString("errors-only"))) : resolve()),
      );
    });
  },
};

it("has a configuration for each", () => expect(configurations.sort()).toEqual(Object.keys(builds).sort()));

it.each(Object.entries(builds))("%s builds it, and it prints what the page shows", async (_, build) => {
  const folder = project();
  await build(folder);
  const dist = join(folder, "dist");
  const out = existsSync(join(dist, "main.js"))
    ? join(dist, "main.js")
    : join(
        dist,
        "assets",
        readdirSync(join(dist, "assets")).find((name) => name.startsWith("index"))!,
      );
  expect(inFolder(folder, out)).toBe(blocks.find(({ language }) => language === "text")!.text);
});
