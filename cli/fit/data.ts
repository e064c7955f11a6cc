/** `--data`: observations from a CSV file. */
import { createReadStream } from "node:fs";
import type { Command } from "commander";
import { componentNames } from "../../src/arrays/layout.ts";
import type { OdeProblem } from "../../src/problem/problem.ts";
import { BadData, fromCsv, observations, type CsvData, type Observations } from "../../training/index.ts";
import { BadOptionValue, CannotRead, UnknownColumn, UnknownComponent } from "../messages/errors.ts";
import { abbreviated, formatTolerance, quoted } from "../messages/text.ts";
import { pairs } from "./pairs.ts";
import { counted } from "../../src/core/in-words.ts";

/** Of all, or by name; a text is the column that it is in. */
type Sigma = number | Readonly<Record<string, number | string>>;

export interface DataOptions {
  readonly data: string;
  readonly columns?: Readonly<Record<string, string>>;
  readonly experiment?: string;
  readonly sigma?: Sigma;
}

export function dataOptions(command: Command): Command {
  return command
    .requiredOption(
      "--data <file>",
      "a CSV file: a header, and below it a row for each time; what is missing is empty, NA or NaN",
    )
    .option(
      "--columns <name=column,…>",
      "which columns hold the times and the components, such as t=hours,prey=Hares (default: t or time, and all others by their names)",
      (text) => pairs("--columns", text, "t=hours,prey=Hares", (column) => column),
    )
    .option("--experiment <column>", "the column that says which experiment a row is of")
    .option(
      "--sigma <number>",
      "the standard deviation of the noise, or by name, each a number or a column, such as prey=0.1,predator=error (default: fitted)",
      sigma,
    );
}

function sigma(text: string): Sigma {
  if (!text.includes("=")) return deviation(text, text);
  return pairs("--sigma", text, "prey=0.1,predator=error", (value) =>
    Number.isNaN(Number(value)) ? value : deviation(value, text),
  );
}

function deviation(value: string, text: string): number {
  const number = Number(value);
  if (number > 0 && number < Infinity) return number;
  throw new BadOptionValue("--sigma", text, "positive numbers, of all or by name, or names of columns by name");
}

/** Of each experiment, by its name. Throws {@link CannotRead}, {@link UnknownColumn}, {@link UnknownComponent}, BadData. */
export async function observationsOf(problem: OdeProblem, options: DataOptions): Promise<ReadonlyMap<string, Observations>> {
  const { data, columns, sigma } = options;
  const known = componentNames(problem.layout.u, "u");
  const found = await read(options);
  for (const name of Object.keys(found.values().next().value!.values)) {
    if (known.includes(name)) continue;
    if (columns && Object.hasOwn(columns, name)) throw new UnknownComponent(problem.name, name, known, "--columns");
    throw new UnknownColumn(data, name, problem.name, known);
  }
  const observed = (one: CsvData): Observations =>
    observations({ ...one, sigma: typeof sigma === "number" ? sigma : { ...numbersOf(sigma), ...one.sigma } });
  return new Map([...found].map(([name, one]) => [name, observed(one)]));
}

/** The line above a result: "lotkaVolterra: 62 observations of prey, predator in data.csv, rtol 1e-6, atol by initial sizes". */
export function headerOf(
  problem: OdeProblem,
  data: readonly Observations[],
  { data: file, rtol, atol }: DataOptions & { readonly rtol: number; readonly atol?: number },
): string {
  return `${problem.name}: ${dataInWords(data)} in ${file}, rtol ${formatTolerance(rtol)}, atol ${formatTolerance(atol)}`;
}

function dataInWords(data: readonly Observations[]): string {
  const all = data.flatMap(({ series }) => series);
  const count = all.reduce((sum, { values }) => sum + values.length, 0);
  const names = abbreviated([...new Set(all.map(({ name }) => name))], MOST_NAMES, "…");
  const experiments = data.length > 1 ? ` in ${data.length} experiments` : "";
  return `${counted(count, "observation")} of ${names.join(", ")}${experiments}`;
}

const MOST_NAMES = 8;

async function read({ data, columns = {}, experiment, sigma }: DataOptions): Promise<ReadonlyMap<string, CsvData>> {
  const { t, ...values } = columns;
  const deviations = typeof sigma === "object" ? Object.entries(sigma) : [];
  const options = {
    t,
    values: Object.keys(values).length > 0 ? values : undefined,
    sigma: Object.fromEntries(deviations.filter((pair): pair is [string, string] => typeof pair[1] === "string")),
  };
  try {
    const text = createReadStream(data, "utf8");
    return experiment === undefined
      ? new Map([["", await fromCsv(text, options)]])
      : await fromCsv(text, { ...options, experiment });
  } catch (error) {
    if (!(error instanceof BadData)) throw error instanceof Error && "code" in error ? new CannotRead(data, error) : error;
    error.message = error.message
      .replace(/^fromCsv:/, `--data ${quoted(data)}:`)
      .replace(/: sigma\.(.+?) is "/, ': --sigma $1 is "')
      .replace(/: (?:values\.(.+?)|(t)) is "/, ': --columns $1$2 is "');
    throw error;
  }
}

function numbersOf(sigma: Exclude<Sigma, number> = {}): Record<string, number> {
  return Object.fromEntries(Object.entries(sigma).filter((pair): pair is [string, number] => typeof pair[1] === "number"));
}
