/** What is exported is used: by its own file or by another one of the library, not by tests alone. */
import { readdirSync, readFileSync } from "node:fs";
import { expect, it } from "vitest";

const root = new URL("../", import.meta.url);
const folders = [
  "src",
  "solvers",
  "sensitivity",
  "ensemble",
  "training",
  "worker",
  "cluster",
  "problems",
  "core",
  "plot",
  "bench",
  "cli",
  "playground",
  "unplugin",
];

/** The public face, and what another program than ours calls. */
const isEntry = (path: string): boolean =>
  /^(index|browser|[^/]+\/index|cli\/odegrad|cli\/worker\/thread|cli\/problem\/resolve-hook)\.ts$/.test(path);

const texts = new Map(
  ["index.ts", "browser.ts", ...folders.flatMap((folder) => filesUnder(folder))].map((path) => [
    path,
    readFileSync(new URL(path, root), "utf8").replaceAll(/\/\*[\s\S]*?\*\/|\/\/.*/g, ""),
  ]),
);

function filesUnder(folder: string): string[] {
  const names = readdirSync(new URL(folder, root), { recursive: true }) as string[];
  return names.filter((name) => name.endsWith(".ts")).map((name) => `${folder}/${name.replaceAll("\\", "/")}`);
}

/** How often each name stands in a text. */
function countNames(text: string, counts: Map<string, number>): void {
  for (const [name] of text.matchAll(/[\w$]+/g)) counts.set(name, (counts.get(name) ?? 0) + 1);
}

it("every exported function, class and constant", () => {
  const counts = new Map<string, number>();
  for (const text of texts.values()) countNames(text, counts);
  const unused: string[] = [];
  let exported = 0;
  for (const [path, text] of texts) {
    if (isEntry(path)) continue;
    for (const [, name] of text.matchAll(/^export (?:async )?(?:abstract )?(?:function\*?|class|const|let) ([\w$]+)/gm)) {
      exported++;
      if (counts.get(name) === 1) unused.push(`${path}: ${name}`);
    }
  }
  expect(exported).toBeGreaterThan(1000);
  expect(unused).toEqual([]);
});
