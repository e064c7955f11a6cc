/** The benchmarks of a report, each run by the command in a process of its own: none finds the engine as another one has left it. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { benchmarks } from "../../bench/index.ts";
import type { Report } from "../../bench/shared/report.ts";
import { packageRoot } from "../../node/package-root.ts";

export interface Section {
  readonly name: string;
  readonly description: string;
  /** Are these times of first calls, in fresh processes? Others are warm. */
  readonly isCold: boolean;
  readonly seconds: number;
  /** What was measured, with its pictures as SVG; where the benchmark failed, what it said. */
  readonly outcome: Measured | { readonly failure: string };
}

export interface Measured extends Pick<Report, "title" | "tables" | "notes"> {
  readonly pictures: readonly string[];
}

/** Small and large, stiff and not: what the diagrams of work against precision are of. */
const PROBLEMS = ["lotkaVolterra", "pleiades", "robertson", "hires", "orego", "pollution", "vanDerPol", "brusselator:n=16"];

export async function measureSections(names: readonly string[], onProgress: (line: string) => void): Promise<Section[]> {
  const sections: Section[] = [];
  for (const name of names) {
    const { description, takesProblems, isCold = false } = benchmarks[name];
    onProgress(name);
    const start = performance.now();
    const outcome = await measure([name, ...(takesProblems ? PROBLEMS : [])], (line) => onProgress(`${name}: ${line}`));
    sections.push({ name, description, isCold, seconds: (performance.now() - start) / 1e3, outcome });
  }
  return sections;
}

/** Lines of what a benchmark said: its error, behind its progress. */
const LAST = 12;

async function measure(words: readonly string[], onProgress: (line: string) => void): Promise<Section["outcome"]> {
  const folder = mkdtempSync(join(tmpdir(), "odegrad-report-"));
  try {
    const command = join(packageRoot(), "dist", "cli", "odegrad.js");
    const args = [command, "bench", ...words, "--json", "--plot", join(folder, "picture.svg")];
    const { code, printed, said } = await run(args, onProgress);
    if (code !== 0) return { failure: said.trim().split("\n").slice(-LAST).join("\n") || `it ended with ${code}` };
    const report = JSON.parse(printed) as Omit<Measured, "pictures"> & { pictures: string[] };
    return { ...report, pictures: report.pictures.map((path) => readFileSync(path, "utf8")) };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

async function run(
  args: readonly string[],
  onProgress: (line: string) => void,
): Promise<{ code: number | null; printed: string; said: string }> {
  const child = spawn(process.execPath, args, { stdio: ["ignore", "pipe", "pipe"] });
  let [printed, said] = ["", ""];
  child.stdout.setEncoding("utf8").on("data", (text: string) => (printed += text));
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    said += text;
    onProgress(text.trim().split("\n").at(-1) ?? "");
  });
  const [code] = (await once(child, "close")) as [number | null];
  return { code, printed, said };
}
