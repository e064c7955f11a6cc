/** What a module is, by its text and that of the files that it names relatively: modules that it imports, and data that it reads. */
import { createHash } from "node:crypto";
import { readFileSync, statSync } from "node:fs";
import { dirname, relative, resolve, sep } from "node:path";

/** The same on every machine that has the same files in the same places of each other. */
export function moduleHash(file: string): string {
  const hash = createHash("sha256");
  for (const path of filesOf(file)) {
    hash.update(relative(dirname(file), path).split(sep).join("/")).update("\0");
    hash.update(readFileSync(path)).update("\0");
  }
  return hash.digest("hex");
}

/** The file and all that it leads to, sorted. */
function filesOf(file: string): string[] {
  const found = new Set([resolve(file)]);
  // Grows while it is gone through.
  for (const path of found) {
    if (!/\.[cm]?[jt]sx?$/.test(path)) continue;
    for (const named of filesNamedIn(path)) found.add(named);
  }
  return [...found].sort();
}

/** Any text in quotes that leads to a file: what is imported is among them, and what is only read, too. */
function filesNamedIn(path: string): string[] {
  const names = Array.from(readFileSync(path, "utf8").matchAll(/["'`](\.{1,2}\/[^"'`\n]+)["'`]/g), ([, name]) => name);
  return names.flatMap((name) => {
    const named = resolve(dirname(path), name);
    // TypeScript's ./x.js is ./x.ts.
    return [named, named.replace(/\.([cm]?)js$/, ".$1ts")].filter(isFile).slice(0, 1);
  });
}

function isFile(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isFile() ?? false;
}
