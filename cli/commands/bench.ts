/** `odegrad bench NAME` */
import { Command } from "commander";
import { benchmarks } from "../../bench/index.ts";
import type { BenchOptions, Report, Table } from "../../bench/shared/report.ts";
import { cell } from "../bench/cells.ts";
import { writeReport } from "../bench/report.ts";
import { BenchmarksFailed, OptionsDisagree, UnknownBenchmark } from "../messages/errors.ts";
import { toJson } from "../messages/json.ts";
import { printProgress, showProgress } from "../output/progress.ts";
import { table } from "../messages/text.ts";
import { print } from "../output/print.ts";
import { addPicture, checkPicturePath } from "../output/picture.ts";

export function benchCommand(): Command {
  const list = Object.entries(benchmarks).map(([name, { description }]) => `  ${name}: ${description}`);
  return new Command("bench")
    .description("measures the library, and what others take for the same")
    .argument("<name>", `one of ${Object.keys(benchmarks).join(", ")}, or report: all of them on one page`)
    .argument(
      "[problems...]",
      "of work-precision: names that `odegrad problems` lists, as n=value between colons: brusselator:n=8; of report: benchmarks, where it is not of all",
    )
    .option("--plot <file>", "where to draw the picture, an .svg or .png file")
    .option("--html <file>", "of report: where the page goes (default: out/report.html)")
    .option("--json", "print one JSON object")
    .addHelpText("after", `\nBenchmarks:\n${list.join("\n")}`)
    .action(run);
}

async function run(
  name: string,
  problems: readonly string[],
  { json, html, ...options }: BenchOptions & { json?: boolean; html?: string },
): Promise<void> {
  if (name === "report") {
    if (options.plot !== undefined) throw new OptionsDisagree("A report holds its pictures: leave --plot out.");
    return report(problems, html ?? "out/report.html", json);
  }
  if (html !== undefined) throw new OptionsDisagree(`--html is of report alone: the benchmark ${name} prints what it measured.`);
  if (!Object.hasOwn(benchmarks, name)) throw new UnknownBenchmark(name, Object.keys(benchmarks));
  requireProblems(name, problems);
  if (options.plot !== undefined) checkPicturePath(options.plot);
  const measured = await benchmarks[name].run({ ...options, problems, onProgress: showProgress ?? printProgress });
  showProgress?.("");
  const pictures = measured.pictures.map(({ path }) => path);
  print(json ? toJson({ benchmark: name, ...measured, pictures }) : text(measured));
  for (const { path, figure } of measured.pictures) await addPicture(path, async () => figure, json);
}

/** What failed is on the page as well. Throws {@link BenchmarksFailed}. */
async function report(names: readonly string[], path: string, json?: boolean): Promise<void> {
  const { sections } = await writeReport(names, path, showProgress ?? printProgress);
  showProgress?.("");
  const failed = sections.filter(({ outcome }) => "failure" in outcome).map(({ name }) => name);
  print(
    json
      ? toJson({ benchmark: "report", path, failed })
      : [`report: ${path}`, ...failed.map((name) => `failed: ${name}`)].join("\n"),
  );
  if (failed.length > 0) throw new BenchmarksFailed(failed, path);
}

/** Of those that are of named problems one at least, of others none. */
function requireProblems(name: string, problems: readonly string[]): void {
  const { takesProblems } = benchmarks[name];
  if (!takesProblems && problems.length > 0)
    throw new OptionsDisagree(`The benchmark ${name} takes no problem: leave "${problems[0]}" out.`);
  if (takesProblems && problems.length === 0)
    throw new OptionsDisagree(`The benchmark ${name} is of a problem: name one or several, such as lotkaVolterra.`);
}

function tableText({ caption, columns, rows }: Table): string[] {
  const header = columns.map(({ header }) => header);
  const cells = rows.map((row) => columns.map((column) => cell(row, column)));
  const texts = new Set(columns.flatMap(({ kind }, i) => (kind === "text" ? [i] : [])));
  return [...(caption ? [caption] : []), table([header, ...cells], texts), ""];
}

function text({ title, tables, notes }: Report): string {
  return [title, "", ...tables.flatMap(tableText), ...notes].join("\n");
}
