/** The programs on pages of docs run, and print what the pages show. */
import { spawnSync } from "node:child_process";
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect, it } from "vitest";

const root = fileURLToPath(new URL("..", import.meta.url));
const pages = readdirSync(`${root}/docs`, { recursive: true, encoding: "utf8" })
  .filter((name) => name.endsWith(".md"))
  .map((name) => ({ name, blocks: blocksOf(readFileSync(`${root}/docs/${name}`, "utf8")) }))
  .filter(({ blocks }) => blocks.some(({ language }) => language === "ts"));

function blocksOf(text: string): { language: string; text: string }[] {
  return [...text.matchAll(/^```(\w*)\n(.*?)^```$/gms)].map(([, language, block]) => ({ language, text: block }));
}

/** Numbers are compared by themselves: their last digits are another machine's. */
const NUMBER = /-?\d+(?:\.\d+)?(?:e-?\d+)?/g;
const words = (text: string): string => text.replace(NUMBER, "#").replace(/ +/g, " ").trim();
const numbers = (text: string): number[] => Array.from(text.match(NUMBER) ?? [], Number);

it("there are some", () => expect(pages.map(({ name }) => name)).toContain("fitting.md"));

it.each(pages)("$name is one program, which prints what it shows", ({ name, blocks }) => {
  const MARK = "--- shown";
  // A mark is printed where a block of text stands: what comes before it ends with the lines of that block.
  const program = blocks.map(({ language, text }) => {
    if (language === "ts") return text;
    return language === "text" ? `console.log("${MARK}");\n` : "";
  });
  mkdirSync(`${root}/out`, { recursive: true });
  const file = `out/docs-${name.replace(/\W/g, "-")}.ts`;
  writeFileSync(`${root}/${file}`, program.join("\n"));
  const env = { ...process.env, NODE_OPTIONS: "" };
  const { status, stdout, stderr } = spawnSync(process.execPath, ["--import", "tsx", file], { cwd: root, encoding: "utf8", env });
  if (status !== 0) throw new Error(stderr);
  const printed = stdout.split(`${MARK}\n`);
  blocks
    .filter(({ language }) => language === "text")
    .forEach(({ text: shown }, i) => {
      expect(words(printed[i]).slice(-words(shown).length)).toBe(words(shown));
      const last = numbers(printed[i]).slice(-numbers(shown).length);
      numbers(shown).forEach((x, k) =>
        expect(Math.abs(last[k] - x), `${last[k]}, not ${x}`).toBeLessThanOrEqual(0.02 * Math.abs(x)),
      );
    });
});
