/** `odegrad bench NAME` */
import { Command } from "commander";
import { benchmarks } from "../../bench/index.ts";
import type { BenchOptions, Column, Report, Row, Table } from "../../bench/shared/report.ts";
import { OptionsDisagree, UnknownBenchmark } from "../messages/errors.ts";
import { toJson } from "../messages/json.ts";
import { printProgress, showProgress } from "../output/progress.ts";
import { formatBytes, formatSeconds, formatTolerance, table } from "../messages/text.ts";
import { print } from "../output/print.ts";
import { addPicture, checkPicturePath } from "../output/picture.ts";

export function benchCommand(): Command {
  const list = Object.entries(benchmarks).map(([name, { description }]) => `  ${name}: ${description}`);
  return new Command("bench")
    .description("measures the library, and what others take for the same")
    .argument("<name>", `one of ${Object.keys(benchmarks).join(", ")}`)
    .argument(
      "[problems...]",
      "of work-precision: names that `odegrad problems` lists, as n=value between colons: brusselator:n=8",
    )
    .option("--plot <file>", "where to draw the picture, an .svg or .png file")
    .option("--json", "print one JSON object")
    .addHelpText("after", `\nBenchmarks:\n${list.join("\n")}`)
    .action(run);
}

async function run(
  name: string,
  problems: readonly string[],
  { json, ...options }: BenchOptions & { json?: boolean },
): Promise<void> {
  if (!Object.hasOwn(benchmarks, name)) throw new UnknownBenchmark(name, Object.keys(benchmarks));
  requireProblems(name, problems);
  if (options.plot !== undefined) checkPicturePath(options.plot);
  const report = await benchmarks[name].run({ ...options, problems, onProgress: showProgress ?? printProgress });
  showProgress?.("");
  const pictures = report.pictures.map(({ path }) => path);
  print(json ? toJson({ benchmark: name, ...report, pictures }) : text(report));
  for (const { path, figure } of report.pictures) await addPicture(path, async () => figure, json);
}

/** Of those that are of named problems one at least, of others none. */
function requireProblems(name: string, problems: readonly string[]): void {
  const { takesProblems } = benchmarks[name];
  if (!takesProblems && problems.length > 0)
    throw new OptionsDisagree(`The benchmark ${name} takes no problem: leave "${problems[0]}" out.`);
  if (takesProblems && problems.length === 0)
    throw new OptionsDisagree(`The benchmark ${name} is of a problem: name one or several, such as lotkaVolterra.`);
}

const format: Readonly<Record<Column["kind"], (value: number) => string>> = {
  seconds: formatSeconds,
  ratio: (value) => `×${value.toPrecision(3)}`,
  tolerance: formatTolerance,
  error: (value) => value.toExponential(1),
  bytes: formatBytes,
  count: String,
  text: String,
};

function cell(row: Row, { key, kind }: Column): string {
  const value = row[key] ?? "–";
  return typeof value === "string" ? value : format[kind](value);
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
