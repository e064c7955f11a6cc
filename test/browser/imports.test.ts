/** What the library asks of a page: no module of Node. */
import { existsSync, readFileSync } from "node:fs";
import { isBuiltin } from "node:module";
import { fileURLToPath } from "node:url";
import { parse, type Program } from "acorn";
import { expect, it } from "vitest";

const dist = new URL("../../dist/", import.meta.url);

const { exports } = JSON.parse(readFileSync(new URL("../package.json", dist), "utf8")) as {
  exports: Record<string, { node?: string; default: string }>;
};

/** Every module that `import … from`, `export … from` and `import("…")` name, from the entry points on; own files as URLs. */
function importsFrom(entries: readonly URL[]): Set<string> {
  const seen = new Set(entries.map(String));
  for (const module of seen) {
    if (!module.startsWith("file:")) continue;
    const text = readFileSync(fileURLToPath(module), "utf8");
    for (const name of importsOf(parse(text, { ecmaVersion: "latest", sourceType: "module" })))
      seen.add(name.startsWith(".") ? String(new URL(name, module)) : name);
  }
  return seen;
}

function importsOf(program: Program): string[] {
  const names: string[] = [];
  JSON.stringify(program, (_key, value: unknown) => {
    const { type, source } = (value ?? {}) as { type?: string; source?: { value?: unknown } };
    if (/^(Import|Export)/.test(type ?? "") && typeof source?.value === "string") names.push(source.value);
    // `value` of a literal may be a bigint, which JSON has not.
    return typeof value === "bigint" ? `${value}` : value;
  });
  return names;
}

it("imports nothing of Node from any of the library's entry points", () => {
  // The plugin runs where pages are built, a cluster's processes on Node.
  const { "./unplugin": _, "./cluster": __, ...ofPages } = exports;
  const paths = Object.values(ofPages).flatMap(({ node, default: ofPages }) => (node ? [node, ofPages] : [ofPages]));
  const entries = paths.map((path) => new URL(`../${path}`, dist));
  expect(entries.every((entry) => existsSync(entry))).toBe(true);
  const others = [...importsFrom(entries)].filter((name) => !name.startsWith("file:"));
  expect(others.filter((name) => isBuiltin(name))).toEqual([]);
  expect(others.sort()).toEqual(["@observablehq/plot", "d3-dsv"]);
});
