/** Executes notebooks by jupyter-nbconvert on Deno's kernel, as the repository names it. */
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { test } from "vitest";

export const root = fileURLToPath(new URL("../..", import.meta.url));
export const folder = join(root, "notebooks");

export interface Output {
  readonly output_type: string;
  readonly data?: Readonly<Record<string, string | readonly string[]>>;
}

export interface Cell {
  readonly cell_type: string;
  readonly source: readonly string[];
  readonly outputs?: readonly Output[];
}

export interface Notebook {
  readonly cells: readonly Cell[];
}

/** Each may take a minute. */
const PATIENCE = 60_000;

const needed = [
  { command: "jupyter-nbconvert", install: "apt-get install jupyter-nbconvert" },
  { command: join(root, "node_modules", ".bin", "deno"), install: "npm run notebooks:kernel" },
];
const missing = needed
  .filter(({ command }) => spawnSync(command, ["--version"]).status !== 0)
  .map(({ install }) => `The tests of notebooks need more than is installed: ${install}`)
  .join("\n");
if (missing && process.env.CI) throw new Error(missing);
if (missing) console.warn(missing);

/** A test that is skipped, and says why, on a machine without Jupyter or Deno. */
export const notebookTest = missing ? test.skip : test;

function convert(...args: string[]): void {
  const { status, signal, stderr } = spawnSync("jupyter-nbconvert", args, { cwd: root, encoding: "utf8", timeout: PATIENCE });
  if (status !== 0) throw new Error(`jupyter-nbconvert ${args.join(" ")}: ${signal ?? `exit code ${status}`}\n${stderr}`);
}

/** The notebook with the outputs of this run. Throws where a cell does, or where it takes longer than a minute. */
export function execute(path: string, into: string): Notebook {
  const config = join(folder, "jupyter_nbconvert_config.py");
  convert("--config", config, "--to", "notebook", "--output", "executed", "--output-dir", into, path);
  return read(join(into, "executed.ipynb"));
}

/** The page that readers see of an executed notebook. */
export function page(into: string): string {
  convert("--to", "html", "--output-dir", into, join(into, "executed.ipynb"));
  return readFileSync(join(into, "executed.html"), "utf8");
}

export function read(path: string): Notebook {
  return JSON.parse(readFileSync(path, "utf8")) as Notebook;
}

/** The code of all cells, one after the other. */
export function code({ cells }: Notebook): string {
  return cells.flatMap(({ cell_type, source }) => (cell_type === "code" ? [source.join("")] : [])).join(";\n");
}

/** The outputs of a notebook in one form, as text. */
export function outputs({ cells }: Notebook, mimeType: string): string[] {
  return cells
    .flatMap((cell) => cell.outputs ?? [])
    .flatMap(({ data }) => (data && mimeType in data ? [[data[mimeType]].flat().join("")] : []));
}
