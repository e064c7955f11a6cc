/**
 * The first page followed as it stands, in an empty folder: its files are written, its commands run, in their order, and print what the page
 * shows. The package is installed as it would be published, from what `npm pack` makes.
 */
import { spawnSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { temporaryFolder } from "../cli/run.ts";
import { expectEnd, expectPictures } from "./compare.ts";
import { fileOf, pageAt, root } from "./pages.ts";

const page = pageAt("docs/start.md");
const MINUTE = 60_000;

function shell(command: string, cwd: string): string {
  const env = { ...process.env, NODE_OPTIONS: "", npm_config_prefer_offline: "true", npm_config_audit: "false" };
  const { status, stdout, stderr } = spawnSync("bash", ["-c", command], { cwd, encoding: "utf8", env });
  if (status !== 0) throw new Error(`${command}\n${stdout}\n${stderr}`);
  return stdout;
}

it("each step of it works, and none is missing", { timeout: 3 * MINUTE }, () => {
  const packed = temporaryFolder();
  const name = shell(`npm pack --silent --pack-destination ${packed}`, root).trim().split("\n").at(-1)!;
  const folder = temporaryFolder();
  let printed = "";
  for (const block of page.blocks) {
    const file = fileOf(block);
    if (file) writeFileSync(join(folder, file), block.text);
    else if (block.language === "sh") {
      const commands = block.text.trim().split("\n");
      printed = commands
        .map((line) => shell(line.replace(/(?<=npm install.*) odegrad\b/, ` ${packed}/${name}`), folder))
        .join("");
    } else if (block.language === "text") expectEnd(printed, block.text);
    else throw new Error(`A block that this test does not follow: ${block.text}`);
  }
  expectPictures(page, (picture) => readFileSync(join(folder, picture), "utf8"));
});

it("what it proposes to try does what it says", async () => {
  const { odeProblem, remake } = await import("../../index.ts");
  const { fit, observations } = await import("../../training/index.ts");
  const code = (file: string): string => page.blocks.find((block) => fileOf(block) === file)!.text;
  const body = code("model.mjs")
    .replace(/^import.*$/m, "")
    .replace("export const flu =", "return");
  const flu = (new Function("odeProblem", body) as (make: typeof odeProblem) => ReturnType<typeof odeProblem>)(odeProblem);
  const infected = /infected = (\[.*\])/.exec(code("fit.mjs"))![1];
  const boys = JSON.parse(infected) as number[];
  const data = observations({ t: boys.map((_, day) => day), values: { infected: boys } });
  const low = await fit(remake(flu, { p: { beta: 0.3, gamma: 0.5 } }), data);
  expect((low.p as { beta: number }).beta).toBeCloseTo(1.6998, 3);
  const initial = await fit(flu, data, { initial: { infected: true } });
  expect(String(initial)).toContain("infected (initial)");
});
