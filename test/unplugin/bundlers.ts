/** The project built by each bundler, minified, with the plugin. */
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { build as esbuild, transform } from "esbuild";
import { rolldown } from "rolldown";
import { rollup, type Plugin } from "rollup";
import { build as vite } from "vite";
import webpack from "webpack";
import { onTestFinished } from "vitest";
import { odegrad } from "../../unplugin/index.ts";

const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

/** A copy of the project, with the package beside it; it stays until the test has finished. */
export function projectFolder(): string {
  const root = mkdtempSync(join(tmpdir(), "odegrad-plugin-"));
  onTestFinished(() => rmSync(root, { recursive: true }));
  cpSync(here("project"), root, { recursive: true });
  writeFileSync(join(root, "package.json"), '{ "type": "module" }');
  mkdirSync(join(root, "node_modules"));
  symlinkSync(here("../.."), join(root, "node_modules", "odegrad"));
  return root;
}

/** Rollup and webpack leave TypeScript to others. */
const stripped: Plugin = {
  name: "stripped",
  resolveId(name, importer) {
    return name.startsWith(".") && importer ? join(importer, "..", name) : undefined;
  },
  async transform(code, id) {
    return id.endsWith(".ts") ? await transform(code, { loader: "ts", sourcemap: true, sourcefile: id }) : undefined;
  },
};

/** Each writes a module of what an entry file of the folder gives; rollup and webpack leave the package beside it. */
export const bundlers: Readonly<Record<string, (root: string, entry: string, out: string) => Promise<unknown>>> = {
  vite: (root, entry, out) =>
    vite({
      root,
      configFile: false,
      logLevel: "error",
      plugins: [odegrad.vite()],
      build: {
        target: "es2022",
        minify: true,
        modulePreload: false,
        chunkSizeWarningLimit: 2000,
        rolldownOptions: { input: join(root, entry), output: { dir: join(out, ".."), entryFileNames: "out.js" } },
      },
    }),
  rolldown: async (root, entry, file) => {
    const build = await rolldown({ input: join(root, entry), plugins: [odegrad.rolldown()], platform: "node", cwd: root });
    await build.write({ dir: join(file, ".."), entryFileNames: "out.js", minify: true });
  },
  rollup: async (root, entry, file) => {
    const build = await rollup({
      input: join(root, entry),
      plugins: [odegrad.rollup(), stripped],
      external: /^odegrad/,
    });
    const { output } = await build.generate({ dir: join(file, ".."), entryFileNames: "out.js" });
    for (const chunk of output) {
      if (chunk.type !== "chunk") continue;
      const { code } = await transform(chunk.code, { minify: true, format: "esm" });
      mkdirSync(join(file, ".."), { recursive: true });
      writeFileSync(join(file, "..", chunk.fileName), code);
    }
  },
  esbuild: (root, entry, outfile) =>
    esbuild({
      absWorkingDir: root,
      entryPoints: [entry],
      bundle: true,
      minify: true,
      format: "esm",
      platform: "node",
      logLevel: "error",
      outfile,
      plugins: [odegrad.esbuild()],
    }),
  webpack: (root, entry, file) =>
    new Promise<void>((resolve, reject) => {
      webpack(
        {
          context: root,
          mode: "production",
          target: "node",
          entry: `./${entry}`,
          experiments: { outputModule: true },
          externals: /^odegrad/,
          externalsType: "module",
          output: { path: join(file, ".."), filename: "out.js", module: true, chunkFormat: "module" },
          module: { rules: [{ test: /\.ts$/, loader: here("strip-loader.cjs") }] },
          plugins: [odegrad.webpack()],
        },
        (error, stats) => (error || stats?.hasErrors() ? reject(error ?? new Error(stats!.toString("errors-only"))) : resolve()),
      );
    }),
};
