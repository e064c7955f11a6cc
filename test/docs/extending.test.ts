/**
 * The page of additions, followed in a copy of the repository: its new files are written, lines that it adds are put where it shows them,
 * and its commands run in their order.
 */
import { spawnSync } from "node:child_process";
import { cpSync, existsSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join, relative } from "node:path";
import { expect, it } from "vitest";
import { temporaryFolder } from "../cli/run.ts";
import { fileOf, pageAt, root, type Block } from "./pages.ts";

const MINUTE = 60_000;
const page = pageAt("docs/design/extending.md");

/** What is built, installed or written by tests stays behind. */
const LEFT = /^(?:node_modules|dist|out|\.git|docs\/(?:node_modules|api|\.vitepress\/(?:dist|cache)))$/;

function copyOfRepository(): string {
  const copy = temporaryFolder();
  cpSync(root, copy, { recursive: true, filter: (path) => !LEFT.test(relative(root, path)) });
  symlinkSync(join(root, "node_modules"), join(copy, "node_modules"));
  return copy;
}

/** A hunk's lines without `+` stand in the file, one below the other; with them the new ones are put in. */
function apply({ text }: Block, copy: string): void {
  const [file, ...lines] = text.trimEnd().split("\n");
  let changed = readFileSync(join(copy, file), "utf8");
  for (const hunk of lines.join("\n").split("\n…\n")) {
    const wanted = hunk.split("\n").map((line) => [line[0], line.slice(1)] as const);
    const before = wanted.filter(([mark]) => mark === " ").map(([, line]) => `${line}\n`);
    const after = wanted.map(([, line]) => `${line}\n`);
    expect(changed.split(before.join("")), `${file} has, once:\n${before.join("")}`).toHaveLength(2);
    changed = changed.replace(before.join(""), () => after.join(""));
  }
  writeFileSync(join(copy, file), changed);
}

it("each addition works, with nothing left out", { timeout: 10 * MINUTE }, () => {
  const copy = copyOfRepository();
  for (const block of page.blocks) {
    if (block.language === "typescript") {
      const file = join(copy, fileOf(block)!);
      expect(existsSync(file), file).toBe(false);
      writeFileSync(file, block.text.replace(/^\/\/ .*\n/, ""));
    } else if (block.language === "diff") apply(block, copy);
    else if (block.language === "sh") {
      for (const command of block.text.trim().split("\n")) {
        const env = { ...process.env, NODE_OPTIONS: "", CI: "true", NO_COLOR: "1", FORCE_COLOR: undefined };
        const { status, stdout, stderr } = spawnSync("bash", ["-c", command], { cwd: copy, encoding: "utf8", env });
        if (status !== 0) throw new Error(`${command}\n${stdout}\n${stderr}`);
        // A filter by name that fits nothing would pass.
        if (command.startsWith("npx vitest")) expect(stdout, command).toMatch(/Tests.* [1-9]\d* passed/);
      }
    } else throw new Error(`A block that this test does not follow: ${block.text}`);
  }
  const { stdout } = spawnSync("node", ["dist/cli/odegrad.js", "methods"], { cwd: copy, encoding: "utf8" });
  expect(stdout.split("\n")).toContain("kutta3");
});
