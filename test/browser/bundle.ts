/** Pages built by vite, minified, with the package installed beside them. */
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { build, type PluginOption, type Rolldown } from "vite";
import { onTestFinished } from "vitest";
import type { Site } from "./server.ts";

export interface Bundle {
  readonly site: Site;
  /** Bytes, zipped, of the script and of what it imports at once; what it imports later is not among them. */
  readonly zipped: number;
  /** The files of the package that are in these, as their paths in it, without those that nothing is left of. */
  readonly modules: readonly string[];
}

export interface BundleOptions {
  /** Another folder of scripts, beside page/. */
  readonly beside?: string;
  readonly plugins?: PluginOption[];
}

/** Builds one of the scripts in page/; what was written stays until the test has finished. */
export async function bundled(script: string, { beside, plugins }: BundleOptions = {}): Promise<Bundle> {
  const root = mkdtempSync(join(tmpdir(), "odegrad-page-"));
  onTestFinished(() => rmSync(root, { recursive: true }));
  cpSync(fileURLToPath(new URL("page", import.meta.url)), root, { recursive: true });
  if (beside) cpSync(beside, root, { recursive: true });
  mkdirSync(join(root, "node_modules"));
  symlinkSync(fileURLToPath(new URL("../..", import.meta.url)), join(root, "node_modules", "odegrad"));
  const output = (await build({
    root,
    configFile: false,
    logLevel: "error",
    plugins,
    build: {
      target: "es2022",
      minify: true,
      modulePreload: false,
      chunkSizeWarningLimit: 1000,
      rolldownOptions: { input: join(root, script) },
    },
  })) as Rolldown.RolldownOutput;
  const chunks = output.output.filter((file) => file.type === "chunk");
  const entry = chunks.find(({ isEntry }) => isEntry)!;
  const atOnce = new Set([entry]);
  for (const { imports } of atOnce)
    chunks.filter(({ fileName }) => imports.includes(fileName)).forEach((chunk) => atOnce.add(chunk));
  const zipped = [...atOnce].reduce((sum, { code }) => sum + gzipSync(code).length, 0);
  const modules = [...atOnce].flatMap(({ modules }) =>
    Object.entries(modules).flatMap(([id, { renderedLength }]) => {
      const path = /\/dist\/(?:core\/)?modules\/(.*)\.js$/.exec(id)?.[1];
      return path && renderedLength > 0 ? [path] : [];
    }),
  );
  return { site: { folders: { "/": join(root, "dist") }, script: `/${entry.fileName}` }, zipped, modules };
}
