/** The page for those who come from other systems: the model in each gives what is shown of odegrad, and its names of odegrad exist. */
import { spawnSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import * as main from "../../index.ts";
import * as training from "../../training/index.ts";
import { pageAt, root } from "./pages.ts";

const page = pageAt("docs/coming-from.md");
const shown = page.blocks.find(({ language }) => language === "text")!.text.trim();

/** What runs a block of each language, and what its packages are asked for by. */
const python = process.env.PEERS_PYTHON ?? "/opt/odegrad-peers/venv/bin/python";
const interpreters: Readonly<Record<string, { command: string; has: readonly string[]; run: readonly string[] }>> = {
  python: { command: python, has: ["-c", "import scipy, diffrax"], run: [] },
  r: { command: "Rscript", has: ["-e", "library(deSolve)"], run: [] },
  matlab: { command: "octave", has: ["--version"], run: ["--no-gui", "-q"] },
  julia: { command: "julia", has: ["-e", "using OrdinaryDiffEq"], run: [] },
};
const others = page.blocks.filter(({ language }) => language in interpreters);

it("has each of them", () => expect(new Set(others.map(({ language }) => language)).size).toBe(4));

describe("the same model", () => {
  for (const [i, { language, text }] of others.entries()) {
    const { command, has, run } = interpreters[language];
    const missing = spawnSync(command, has).status !== 0;
    if (missing) console.warn(`The ${language} on docs/coming-from.md is not run: ${command} ${has.join(" ")} fails here.`);
    it.skipIf(missing)(`in ${language}, block ${i + 1}`, () => {
      mkdirSync(`${root}/out/docs`, { recursive: true });
      const file = `${root}/out/docs/other-${i}.${language === "matlab" ? "m" : language}`;
      writeFileSync(file, text);
      const { stdout, stderr } = spawnSync(command, [...run, file], { encoding: "utf8" });
      const values = (printed: string): number[] => Array.from(printed.match(/\d+\.\d+/g) ?? [], Number);
      expect(values(stdout), stderr).toEqual(values(shown));
    });
  }
});

it("functions that its tables name are there", () => {
  const cells = Array.from(page.text.matchAll(/^\|.*\| (.*) \|$/gm), ([, cell]) => cell);
  const named = cells.flatMap((cell) => Array.from(cell.matchAll(/(?<![.\w])([a-z]\w+)\(/g), ([, name]) => name));
  expect(named.length).toBeGreaterThan(30);
  expect([...new Set(named)].filter((name) => name !== "rhs" && !(name in main) && !(name in training))).toEqual([]);
});
