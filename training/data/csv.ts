/** Observations from CSV files. */
import { checkOptions, isObject, type Checks } from "../../src/core/options/check.ts";
import { shown, text } from "../../src/core/options/kinds.ts";
import { nearest } from "../../src/core/options/names.ts";
import { BadOption } from "../../src/core/errors.ts";
import { eachRow, type CsvText } from "./csv-records.ts";
import { BadData } from "./errors.ts";

/** Which columns of a CSV file are what; all others are left out. */
export interface CsvOptions {
  /** The column of the times. By default the one whose name is "t" or "time", in capitals or not. */
  readonly t?: string;
  /**
   * The columns of the values, by the names of what they are of, components of the state or observables: { prey: "Hares" }. By default all
   * that are nothing else, each of what its own name says.
   */
  readonly values?: Readonly<Record<string, string>>;
  /** The columns of standard deviations, by the names of what they are of: { prey: "error of Hares" }. None by default. */
  readonly sigma?: Readonly<Record<string, string>>;
  /** The columns of initial values, by the names of components of the state: { drug: "dose" }; the same in all rows of an experiment. */
  readonly u0?: Readonly<Record<string, string>>;
  /** The columns of parameters, as covariates are, by the names of components of p: { weight: "kg" }; likewise. */
  readonly p?: Readonly<Record<string, string>>;
  /** The column that says which experiment a row is of, as the number of a subject does. */
  readonly experiment?: string;
  /** The one character between fields. By default the first of tab, semicolon and comma that the header has outside of quotes. */
  readonly separator?: string;
}

/** What a file says of one experiment, for `observations`; NaN is missing. */
export interface CsvData {
  readonly t: readonly number[];
  readonly values: Readonly<Record<string, readonly number[]>>;
  readonly sigma?: Readonly<Record<string, readonly number[]>>;
  readonly u0?: Readonly<Record<string, number>>;
  readonly p?: Readonly<Record<string, number>>;
}

const columns = (value: unknown, what: string): void => {
  const wrong = isObject(value) ? Object.entries(value).find(([, name]) => typeof name !== "string") : ["", value];
  if (!wrong) return;
  throw new BadOption(
    `${[what, wrong[0]].filter(Boolean).join(".")} is ${shown(wrong[1])}, but must be names of columns, by what they are of: { prey: "Hares" }.`,
  );
};

const oneSign = (value: unknown, what: string): void => {
  if (typeof value === "string" && value.length === 1 && !'"\r\n'.includes(value)) return;
  throw new BadOption(`${what} is ${shown(value)}, but must be one character, such as ";".`);
};

const checks: Checks<CsvOptions> = {
  t: text,
  values: columns,
  sigma: columns,
  u0: columns,
  p: columns,
  experiment: text,
  separator: oneSign,
};

/**
 * Reads what was observed from the text of a CSV file: a header, and below it a row for each time, in any order. Values are numbers with a
 * decimal point; a field that is empty, "NA", "NaN" or "." is missing. Fields may be quoted, rows end as on any system, blank ones are
 * passed over. Text that comes in parts is read as it comes, and not held.
 *
 * @param csv - The text, or its parts: of `createReadStream(path, "utf8")` in Node, `body.pipeThrough(new TextDecoderStream())` in browsers.
 * @param options - Which columns are what.
 * @returns What `observations` takes; with `experiment` that of each, by its name, in the order of the file.
 * @throws BadData, with the row (the header is row 1) and the column, for text in place of a number, rows of another length than the header,
 * times that are missing, conditions that differ within an experiment, quotes that never close; and for columns that are not there, have no name or the same, and files without data.
 * @throws UnknownOption, BadOption.
 * @example
 * const measured = observations(await fromCsv("t,prey,predator\n0,1,1\n1,2.8,0.3\n"));
 * const subjects = await fromCsv(createReadStream("doses.csv", "utf8"), { experiment: "subject" });
 * const all = [...subjects.values()].map((one) => observations(one));
 */
export function fromCsv(
  csv: CsvText,
  options: CsvOptions & { readonly experiment: string },
): Promise<ReadonlyMap<string, CsvData>>;
export function fromCsv(csv: CsvText, options?: CsvOptions & { readonly experiment?: undefined }): Promise<CsvData>;
export async function fromCsv(csv: CsvText, options: CsvOptions = {}): Promise<CsvData | ReadonlyMap<string, CsvData>> {
  checkOptions(options, checks, "fromCsv");
  const experiments = new Map<string, Lists>();
  let table: Table | undefined;
  let row = 0;
  await eachRow(csv, options.separator, (fields) => {
    row++;
    if (fields.every(isMissing)) return;
    if (table) table.take(fields, row, experiments);
    else table = new Table(fields, options);
  });
  if (!table) throw new BadData("fromCsv: there is no text. Give a header, and below it a row for each time.");
  table.requireConditions(experiments);
  if (experiments.size === 0) throw new BadData("fromCsv: there is a header, but no row with numbers below it.");
  return options.experiment === undefined ? experiments.values().next().value! : experiments;
}

const MISSING: ReadonlySet<string> = new Set(["", "na", "nan", "."]);

function isMissing(field: string): boolean {
  return MISSING.has(field.trim().toLowerCase());
}

/** {@link CsvData} as it is filled. */
interface Lists {
  readonly t: number[];
  readonly values: Readonly<Record<string, number[]>>;
  readonly sigma?: Readonly<Record<string, number[]>>;
  readonly u0?: Record<string, number>;
  readonly p?: Record<string, number>;
}

/** Columns by the names of what they are of. */
type Indices = readonly (readonly [name: string, index: number])[];

/** Where the header says that everything is. */
class Table {
  private readonly names: readonly string[];
  private readonly t: number;
  private readonly values: Indices;
  private readonly sigma: Indices;
  /** Of what is the same in all rows of an experiment. */
  private readonly conditions: Readonly<Record<"u0" | "p", Indices>>;
  private readonly experiment: number | undefined;

  /** Throws {@link BadData}. */
  constructor(header: readonly string[], { t, values, sigma = {}, u0 = {}, p = {}, experiment }: CsvOptions) {
    this.names = header.map((name) => name.trim());
    const repeated = this.names.find((name, i) => name !== "" && this.names.indexOf(name) < i);
    if (repeated !== undefined) throw new BadData(`fromCsv: two columns are named "${repeated}".`);
    this.t = t === undefined ? this.timeColumn() : this.indexOf(t, "t");
    this.experiment = experiment === undefined ? undefined : this.indexOf(experiment, "experiment");
    this.sigma = this.indicesOf(sigma, "sigma");
    this.conditions = { u0: this.indicesOf(u0, "u0"), p: this.indicesOf(p, "p") };
    this.values = values === undefined ? this.others() : this.indicesOf(values, "values");
    if (this.values.length === 0) throw new BadData(`fromCsv: there are no columns of values, but ${this.inWords()} alone.`);
    const lost = this.sigma.find(([name]) => !this.values.some(([other]) => other === name));
    if (lost) throw new BadData(`fromCsv: sigma has "${lost[0]}", of which there are no values.`);
  }

  /** Adds a row to its experiment. Throws {@link BadData}. */
  take(fields: readonly string[], row: number, experiments: Map<string, Lists>): void {
    const { names, t, values, sigma, experiment } = this;
    if (fields.length !== names.length) {
      throw new BadData(`fromCsv: row ${row} has ${fields.length} fields, but the header ${names.length}: ${this.inWords()}.`);
    }
    const name = experiment === undefined ? "" : fields[experiment].trim();
    if (experiment !== undefined && isMissing(name)) throw this.bad(row, experiment, "there is no name of an experiment");
    let into = experiments.get(name);
    if (!into) {
      const lists = (of: Indices): Record<string, number[]> => Object.fromEntries(of.map(([what]) => [what, []]));
      const { u0, p } = this.conditions;
      into = {
        t: [],
        values: lists(values),
        ...(sigma.length > 0 && { sigma: lists(sigma) }),
        ...(u0.length > 0 && { u0: {} }),
        ...(p.length > 0 && { p: {} }),
      };
      experiments.set(name, into);
    }
    const time = this.numberAt(fields, t, row);
    if (Number.isNaN(time)) throw this.bad(row, t, "there is no time");
    into.t.push(time);
    for (const [what, index] of values) into.values[what].push(this.numberAt(fields, index, row));
    for (const [what, index] of sigma) into.sigma![what].push(this.numberAt(fields, index, row));
    this.takeConditions(fields, row, into);
  }

  /** What is missing in a row is what other rows of the experiment say. Throws {@link BadData}. */
  private takeConditions(fields: readonly string[], row: number, into: Lists): void {
    for (const space of ["u0", "p"] as const) {
      for (const [what, index] of this.conditions[space]) {
        const value = this.numberAt(fields, index, row);
        const before = into[space]![what];
        if (Number.isNaN(value) || value === before) continue;
        if (before !== undefined)
          throw this.bad(row, index, `${value} is not ${before}, as rows above have it of the same experiment`);
        into[space]![what] = value;
      }
    }
  }

  /** Throws {@link BadData} where no row of an experiment says what its condition is. */
  requireConditions(experiments: ReadonlyMap<string, Lists>): void {
    for (const [name, lists] of experiments) {
      for (const space of ["u0", "p"] as const) {
        const missing = this.conditions[space].find(([what]) => lists[space]![what] === undefined);
        if (!missing) continue;
        const where = this.experiment === undefined ? "no row" : `no row of experiment ${JSON.stringify(name)}`;
        throw new BadData(
          `fromCsv: ${where} has a number in column "${this.names[missing[1]]}", which is ${space}.${missing[0]}.`,
        );
      }
    }
  }

  /** NaN where it is missing. */
  private numberAt(fields: readonly string[], index: number, row: number): number {
    const field = fields[index];
    const value = Number(field);
    if (Number.isFinite(value) && (value !== 0 || field.trim() !== "")) return value;
    if (isMissing(field)) return NaN;
    const comma = /^\s*[+-]?\d+,\d+\s*$/.test(field) ? " Numbers have a decimal point." : "";
    throw this.bad(row, index, `${shown(field)} is no finite number.${comma} What is missing is empty, NA, NaN or "."`);
  }

  private bad(row: number, index: number, why: string): BadData {
    return new BadData(`fromCsv: row ${row}, column "${this.names[index]}": ${why}.`);
  }

  private timeColumn(): number {
    const found = [...this.names.keys()].filter((i) => ["t", "time"].includes(this.names[i].toLowerCase()));
    if (found.length === 1) return found[0];
    throw new BadData(
      `fromCsv: ${found.length === 0 ? "no column is" : "several columns are"} named "t" or "time" among ${this.inWords()}. Name that ` +
        'of the times: { t: "hours" }.',
    );
  }

  private others(): Indices {
    const { u0, p } = this.conditions;
    const taken = new Set([this.t, this.experiment, ...[...this.sigma, ...u0, ...p].map(([, index]) => index)]);
    const unnamed = this.names.findIndex((name, i) => name === "" && !taken.has(i));
    if (unnamed >= 0) {
      throw new BadData(
        `fromCsv: column ${unnamed + 1} has no name. Name it, or those that count: { values: { prey: "prey" } }.`,
      );
    }
    return this.names.flatMap((name, i) => (taken.has(i) ? [] : [[name, i] as const]));
  }

  private indicesOf(named: Readonly<Record<string, string>>, option: string): Indices {
    return Object.entries(named).map(([name, column]) => [name, this.indexOf(column, `${option}.${name}`)]);
  }

  private indexOf(column: string, option: string): number {
    const index = this.names.indexOf(column);
    if (index >= 0) return index;
    const near = nearest(column, this.names);
    throw new BadData(
      `fromCsv: ${option} is "${column}", but there is no such column among ${this.inWords()}.${near === undefined ? "" : ` Is "${near}" meant?`}`,
    );
  }

  private inWords(): string {
    return this.names.map((name) => JSON.stringify(name)).join(", ");
  }
}
