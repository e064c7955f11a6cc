/** The README and the pages of docs, as they lie in the repository. */
import { spawnSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

export const root = fileURLToPath(new URL("../..", import.meta.url));

export interface Block {
  readonly language: string;
  readonly text: string;
}

export interface Page {
  /** Its path from the root, as `docs/fitting.md`. */
  readonly path: string;
  readonly text: string;
  readonly blocks: readonly Block[];
}

/** What is installed or built in the folder is no page. */
const isPage = (path: string): boolean => path.endsWith(".md") && !/^(?:node_modules|api|\.vitepress)\//.test(path);

const paths = readdirSync(`${root}/docs`, { recursive: true, encoding: "utf8" }).map((path) => path.replaceAll("\\", "/"));

export const pages: readonly Page[] = [
  "README.md",
  ...paths
    .filter(isPage)
    .sort()
    .map((path) => `docs/${path}`),
].map(pageAt);

export function pageAt(path: string): Page {
  const text = readFileSync(`${root}/${path}`, "utf8");
  return { path, text, blocks: blocksOf(text) };
}

function blocksOf(text: string): Block[] {
  return [...text.matchAll(/^```(\w*)[^\n]*\n(.*?)^```$/gms)].map(([, language, block]) => ({ language, text: block }));
}

/** The name of the file that a block is, by its first line. */
export const fileOf = ({ text }: Block): string | undefined => /^\/\/ (\S+\.m?[jt]s)\n/.exec(text)?.[1];

/** What a command of a page prints. */
export function odegrad(command: string): string {
  const words = command.match(/"[^"]*"|\S+/g)!.map((word) => word.replaceAll('"', ""));
  const env = { ...process.env, NODE_OPTIONS: "" };
  const args = ["dist/cli/odegrad.js", ...words.slice(1)];
  const { status, stdout, stderr } = spawnSync(process.execPath, args, { cwd: root, encoding: "utf8", env });
  if (status !== 0) throw new Error(stderr);
  return stdout;
}
