/** The page for those who come from other systems: the model in each gives what is shown of odegrad, and its names of odegrad exist. */
import { spawnSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import * as main from "../../index.ts";
import * as training from "../../training/index.ts";
import { pageAt, root } from "./pages.ts";

const page = pageAt("docs/coming-from.md");
const MINUTE = 60_000;
const shown = page.blocks.find(({ language }) => language === "text")!.text.trim();

interface System {
  readonly name: string;
  readonly language: string;
  /** What its block alone begins with, where others are in the same language. */
  readonly begins: string;
  /** The commands that may be there; the first one that has the packages runs the block. */
  readonly commands: readonly string[];
  readonly has: readonly string[];
  readonly run: readonly string[];
  /** The packages of Debian that it comes with, which CI installs. What Debian has not is run where it is there, and the page says when it was. */
  readonly debian?: string;
}
const peers = process.env.PEERS_PYTHON ?? "/opt/odegrad-peers/venv/bin/python";
const pythons = [peers, "/usr/bin/python3", "python3"];
const systems: readonly System[] = [
  {
    name: "SciPy",
    language: "python",
    begins: "from scipy",
    commands: pythons,
    has: ["-c", "import scipy"],
    run: [],
    debian: "python3-scipy",
  },
  { name: "diffrax", language: "python", begins: "import diffrax", commands: pythons, has: ["-c", "import diffrax"], run: [] },
  {
    name: "deSolve",
    language: "r",
    begins: "library(deSolve)",
    commands: ["Rscript"],
    has: ["-e", "library(deSolve)"],
    run: [],
    debian: "r-base-core r-cran-desolve",
  },
  {
    name: "Octave",
    language: "matlab",
    begins: "a = 1.5",
    commands: ["octave"],
    has: ["--version"],
    run: ["--no-gui", "-q"],
    debian: "octave",
  },
  {
    name: "SciML",
    language: "julia",
    begins: "using OrdinaryDiffEq",
    commands: ["julia"],
    has: ["-e", "using OrdinaryDiffEq"],
    run: [],
  },
];
const others = page.blocks.filter(({ language }) => systems.some((one) => one.language === language));
const blockOf = ({ language, begins }: System): string | undefined =>
  others.find((block) => block.language === language && block.text.startsWith(begins))?.text;

it("has each of them, and no other", () => {
  expect(systems.filter((system) => blockOf(system) === undefined)).toEqual([]);
  expect(others.length).toBe(systems.length);
});

describe("the same model", () => {
  for (const system of systems) {
    const { name, language, commands, has, run, debian } = system;
    const command = commands.find((one) => spawnSync(one, has).status === 0);
    const sameNumbers = (): void => {
      mkdirSync(`${root}/out/docs`, { recursive: true });
      const file = `${root}/out/docs/${name}.${language === "matlab" ? "m" : language}`;
      writeFileSync(file, blockOf(system)!);
      const { stdout, stderr } = spawnSync(command!, [...run, file], { encoding: "utf8" });
      const values = (printed: string): number[] => Array.from(printed.match(/\d+\.\d+/g) ?? [], Number);
      expect(values(stdout), stderr).toEqual(values(shown));
    };
    const missing = `The program for ${name} on docs/coming-from.md is not run: it is not on this machine.`;
    const remedy = debian === undefined ? "" : ` It comes with apt-get install ${debian}.`;
    if (command === undefined) console.warn(missing + remedy);
    if (command !== undefined) it(`in ${name}`, { timeout: MINUTE }, sameNumbers);
    else if (debian !== undefined && process.env.CI) throw new Error(missing + remedy);
    else if (debian !== undefined) it.skip(`in ${name}`, sameNumbers);
  }
});

it("functions that its tables name are there", () => {
  const cells = Array.from(page.text.matchAll(/^\|.*\| (.*) \|$/gm), ([, cell]) => cell);
  const named = cells.flatMap((cell) => Array.from(cell.matchAll(/(?<![.\w])([a-z]\w+)\(/g), ([, name]) => name));
  expect(named.length).toBeGreaterThan(30);
  expect([...new Set(named)].filter((name) => name !== "rhs" && !(name in main) && !(name in training))).toEqual([]);
});
