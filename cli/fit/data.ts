/** `--data`: observations from a CSV file. */
import { createReadStream } from "node:fs";
import type { Command } from "commander";
import { componentNames, ownLayout, type Layout } from "../../src/arrays/layout.ts";
import type { OdeProblem } from "../../src/problem/problem.ts";
import {
  BadData,
  fromCsv,
  observations,
  type CsvData,
  type CsvOptions,
  type Observable,
  type Observations,
} from "../../training/index.ts";
import { observableOf } from "./expression.ts";
import { BadOptionValue, CannotRead, UnknownColumn, UnknownComponent } from "../messages/errors.ts";
import { abbreviated, formatTolerance, quoted } from "../messages/text.ts";
import { pairs } from "./pairs.ts";
import { counted } from "../../src/core/in-words.ts";

/** Of all, or by name; a text is the column that it is in. */
type Sigma = number | Readonly<Record<string, number | string>>;

export interface DataOptions {
  readonly data: string;
  readonly columns?: Readonly<Record<string, string>>;
  readonly of?: Readonly<Record<string, string>>;
  readonly covariates?: Readonly<Record<string, string>>;
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
    .option(
      "--of <name=expression,…>",
      "columns that are of functions of the state, such as total=prey+predator,share=prey/(prey+predator)",
      (text) => pairs("--of", text, "total=prey+predator", (expression) => expression),
    )
    .option(
      "--covariates <name=column,…>",
      "columns of what differs between experiments, of p, and u0.x of the initial state, such as weight=kg,u0.drug=dose",
      (text) => pairs("--covariates", text, "weight=kg,u0.drug=dose", (column) => column),
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

/** Of each experiment, by its name. Throws {@link CannotRead}, {@link UnknownColumn}, {@link UnknownComponent}, {@link BadOptionValue}, BadData. */
export async function observationsOf(problem: OdeProblem, options: DataOptions): Promise<ReadonlyMap<string, Observations>> {
  const { data, columns, sigma } = options;
  const of = observablesIn(problem, options);
  const known = [...componentNames(problem.layout.u, "u"), ...Object.keys(of)];
  const found = await read(problem, options);
  for (const name of Object.keys(found.values().next().value!.values)) {
    if (known.includes(name)) continue;
    if (columns && Object.hasOwn(columns, name)) throw new UnknownComponent(problem.name, name, known, "--columns");
    throw new UnknownColumn(data, name, problem.name, known);
  }
  const observed = (one: CsvData): Observations =>
    observations<unknown, unknown>({
      ...one,
      of,
      sigma: typeof sigma === "number" ? sigma : { ...numbersOf(sigma), ...one.sigma },
    });
  return new Map([...found].map(([name, one]) => [name, observed(one)]));
}

/** The functions that `--of` states, by name. Throws {@link BadOptionValue}. */
export function observablesIn(
  problem: OdeProblem,
  { of = {} }: DataOptions,
): Readonly<Record<string, Observable<unknown, unknown, unknown>>> {
  return Object.fromEntries(Object.entries(of).map(([name, text]) => [name, observableOf(problem, name, text)]));
}

/** By what each is of. Throws {@link UnknownComponent}. */
function conditionsIn(problem: OdeProblem, covariates: Readonly<Record<string, string>> = {}): Pick<CsvOptions, "u0" | "p"> {
  const { layout } = problem;
  const [u0, p] = [fieldsOf(layout.u), fieldsOf(layout.p)];
  const unknown = Object.keys(covariates).find((name) => !p.includes(name) && !u0.some((own) => name === `u0.${own}`));
  if (unknown !== undefined) {
    throw new UnknownComponent(problem.name, unknown, [...p, ...u0.map((name) => `u0.${name}`)], "--covariates");
  }
  const all = Object.entries(covariates);
  return {
    p: Object.fromEntries(all.filter(([name]) => p.includes(name))),
    u0: Object.fromEntries(all.flatMap(([name, column]) => (p.includes(name) ? [] : [[name.slice("u0.".length), column]]))),
  };
}

/** The numbers at the top, which have names. */
function fieldsOf(layout: Layout): string[] {
  const own = ownLayout(layout);
  return own.kind === "struct" ? Object.keys(own.fields).filter((name) => own.fields[name].kind === "scalar") : [];
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

async function read(
  problem: OdeProblem,
  { data, columns = {}, of = {}, covariates, experiment, sigma }: DataOptions,
): Promise<ReadonlyMap<string, CsvData>> {
  const { t, ...named } = columns;
  // A function of the state has the name of its column, where no other is named.
  const values = { ...Object.fromEntries(Object.keys(of).map((name) => [name, name])), ...named };
  const deviations = typeof sigma === "object" ? Object.entries(sigma) : [];
  const options = {
    t,
    ...conditionsIn(problem, covariates),
    values: Object.keys(named).length > 0 ? values : undefined,
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
      .replace(/: (?:p\.|(u0\.))(.+?) is "/, ': --covariates $1$2 is "')
      .replace(/, which is (?:p\.|(u0\.))(.+?)\.$/, ", which is $1$2 by --covariates.")
      .replace(/: sigma\.(.+?) is "/, ': --sigma $1 is "')
      .replace(/: (?:values\.(.+?)|(t)) is "/, ': --columns $1$2 is "');
    throw error;
  }
}

function numbersOf(sigma: Exclude<Sigma, number> = {}): Record<string, number> {
  return Object.fromEntries(Object.entries(sigma).filter((pair): pair is [string, number] => typeof pair[1] === "number"));
}
