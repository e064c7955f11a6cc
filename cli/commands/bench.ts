/** `odegrad bench NAME` */
import { Command } from "commander";
import { benchmarks } from "../../bench/index.ts";
import type { BenchOptions, Column, Report } from "../../bench/report.ts";
import { UnknownBenchmark } from "../errors.ts";
import { toJson } from "../output/json.ts";
import { formatSeconds, formatTolerance, table } from "../output/text.ts";
import { checkPicturePath } from "../plot/figure.ts";

export function benchCommand(): Command {
  const list = Object.entries(benchmarks).map(([name, { description }]) => `  ${name}: ${description}`);
  return new Command("bench")
    .description("measures")
    .argument("<name>", `one of ${Object.keys(benchmarks).join(", ")}`)
    .option("--plot <file>", "where to draw the picture, an .svg or .png file")
    .option("--json", "print one JSON object")
    .addHelpText("after", `\nBenchmarks:\n${list.join("\n")}`)
    .action(run);
}

async function run(name: string, { json, ...options }: BenchOptions & { json?: boolean }): Promise<void> {
  if (!Object.hasOwn(benchmarks, name)) throw new UnknownBenchmark(name, Object.keys(benchmarks));
  if (options.plot) checkPicturePath(options.plot);
  const report = await benchmarks[name].run(options);
  console.log(json ? toJson({ benchmark: name, ...report }) : text(report));
}

const format: Readonly<Record<Column["kind"], (value: number) => string>> = {
  seconds: formatSeconds,
  ratio: (value) => `×${value.toPrecision(3)}`,
  tolerance: formatTolerance,
  count: String,
};

function text({ title, columns, rows, notes, pictures }: Report): string {
  const cells = rows.map((row) => columns.map(({ key, kind }) => (key in row ? format[kind](row[key]) : "–")));
  return [
    title,
    "",
    table([columns.map(({ header }) => header), ...cells]),
    "",
    ...notes,
    ...pictures.map((path) => `picture: ${path}`),
  ].join("\n");
}
