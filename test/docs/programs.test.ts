/**
 * The programs on pages of docs run, and print what the pages show: all blocks of a page in `ts` are one program, but for those that begin
 * with the name of a file, of which `main.ts` runs; commands of `sh` run by themselves. A block of `text` is the end of what was printed up to there.
 */
import { spawnSync } from "node:child_process";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { expectEnd, expectPictures, expectPlan } from "./compare.ts";
import { fileOf, odegrad, pages, root, type Page } from "./pages.ts";

const written = pages.filter(({ path }) => !path.startsWith("docs/matrix/"));
const has = ({ blocks }: Page, language: string): boolean => blocks.some((block) => block.language === language);

function run(args: readonly string[], cwd = root): string {
  const env = { ...process.env, NODE_OPTIONS: "" };
  const { status, stdout, stderr } = spawnSync(process.execPath, args, { cwd, encoding: "utf8", env });
  if (status !== 0) throw new Error(stderr);
  return stdout;
}

it("there are some", () => expect(written.filter((page) => has(page, "ts")).length).toBeGreaterThan(2));

describe("programs", () => {
  it.each(written.filter((page) => has(page, "ts")))("$path is one, which prints what it shows", (page) => {
    const { path, blocks } = page;
    const MARK = "--- shown";
    const folder = `out/docs/${path.replace(/\W/g, "-")}`;
    mkdirSync(`${root}/${folder}`, { recursive: true });
    // A mark is printed where a block of text stands: what comes before it ends with the lines of that block.
    const program: string[] = [];
    const shown: string[] = [];
    let before = "";
    for (const block of blocks) {
      const file = fileOf(block);
      if (block.language === "ts" && file) writeFileSync(`${root}/${folder}/${file}`, block.text);
      if (block.language === "ts" && file !== undefined) program.push(file === "main.ts" ? `await import("./main.ts");\n` : "");
      else if (block.language === "ts") program.push(block.text);
      else if (block.language === "text" && before === "ts") {
        program.push(`console.log("${MARK}");\n`);
        shown.push(block.text);
      }
      before = block.language;
    }
    writeFileSync(`${root}/${folder}/page.ts`, `${program.join("\n")}\nexport {};\n`);
    const printed = run(["--import", "tsx", "page.ts"], `${root}/${folder}`).split(`${MARK}\n`);
    shown.forEach((text, i) => expectEnd(printed[i], text));
    expectPictures(page, (name) => readFileSync(`${root}/${folder}/${name}`, "utf8"));
  });
});

describe("commands", () => {
  const commands = written.flatMap(({ path, blocks }) =>
    blocks.flatMap(({ language, text }, i) => {
      const lines = language === "sh" ? text.split("\n").filter((line) => line.startsWith("odegrad ")) : [];
      const next = blocks[i + 1];
      return lines.map((command, k) => ({
        path,
        command,
        shown: k === lines.length - 1 && next?.language === "text" ? next.text : undefined,
      }));
    }),
  );

  it.each(commands)("$path: $command", ({ command, shown }) => {
    const printed = odegrad(command);
    if (shown === undefined) expect(printed).not.toBe("");
    else if (command.startsWith("odegrad explain")) expectPlan(printed, shown);
    else expectEnd(printed, shown);
  });
});
