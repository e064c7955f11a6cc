/** `odegrad bench report`: every benchmark in one run, on one page. */
import { writeFile } from "node:fs/promises";
import { dirname, extname } from "node:path";
import { benchmarks } from "../../bench/index.ts";
import { CannotWrite, OptionsDisagree, UnknownBenchmark } from "../messages/errors.ts";
import { makeFolder } from "../output/picture.ts";
import { machineFacts, peerFacts } from "./machine.ts";
import { pageHtml } from "./page.ts";
import { measureSections, type Section } from "./sections.ts";

export interface BenchReport {
  readonly path: string;
  readonly sections: readonly Section[];
}

/** Of all benchmarks, or of those named. Throws {@link CannotWrite}, {@link UnknownBenchmark}. */
export async function writeReport(
  names: readonly string[],
  path: string,
  onProgress: (line: string) => void,
): Promise<BenchReport> {
  const all = Object.keys(benchmarks);
  const unknown = names.find((name) => !all.includes(name));
  if (unknown !== undefined) throw new UnknownBenchmark(unknown, all);
  if (extname(path) !== ".html") throw new OptionsDisagree(`A report is a page: --html "${path}" does not end with .html.`);
  const date = new Date();
  const sections = await measureSections(names.length > 0 ? names : all, onProgress);
  const page = pageHtml({ date, machine: machineFacts(), peers: peerFacts(), sections });
  try {
    await makeFolder(dirname(path));
    await writeFile(path, page);
  } catch (error) {
    throw new CannotWrite(`the report "${path}"`, error);
  }
  return { path, sections };
}
