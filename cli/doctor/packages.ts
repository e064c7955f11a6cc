/** Packages that only some work needs. */
import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { packageRoot } from "../../node/package-root.ts";
import type { Finding } from "./finding.ts";

const packages: Readonly<Record<string, string>> = {
  webgpu: 'device: "webgpu" in Node',
  "@observablehq/plot": "pictures",
  "@resvg/resvg-js": "pictures as PNG",
  bullmq: "clusters (odegrad/cluster, odegrad worker)",
  ioredis: "clusters, with bullmq",
  tsx: "modules in TypeScript whose types Node cannot strip",
};

/** As they would be found from the library; `root` is the folder of its package.json. */
export function packageFindings(root = packageRoot()): Finding[] {
  return Object.entries(packages).map(([name, use]): Finding => {
    const file = ancestors(root)
      .map((folder) => join(folder, "node_modules", name, "package.json"))
      .find((path) => existsSync(path));
    if (file) return { name, value: (JSON.parse(readFileSync(file, "utf8")) as { version: string }).version };
    return { name, value: "not installed", remedy: `${use}: npm install ${name}` };
  });
}

/** The folder itself and those that it lies in. */
function ancestors(folder: string): string[] {
  const above = dirname(folder);
  return above === folder ? [folder] : [folder, ...ancestors(above)];
}
