/** What a benchmark gives back. */
import type { Figure } from "../../plot/figure.ts";

export interface Column {
  /** Key of the rows. */
  readonly key: string;
  readonly header: string;
  /**
   * How a value is shown: a duration with its unit, a ratio as "×1.5", a tolerance as "1e-6", an error as "1.2e-7", bytes as "1.5 MB", a
   * count or a text as it is.
   */
  readonly kind: "seconds" | "ratio" | "tolerance" | "error" | "bytes" | "count" | "text";
}

/** Texts in columns of texts, numbers in the others; a key that is lacking was not measured. */
export type Row = Readonly<Record<string, number | string>>;

export interface Table {
  /** Above the table, where a report has several. */
  readonly caption?: string;
  readonly columns: readonly Column[];
  readonly rows: readonly Row[];
}

export interface Report {
  readonly title: string;
  readonly tables: readonly Table[];
  /** Lines to read below the tables. */
  readonly notes: readonly string[];
  readonly pictures: readonly Picture[];
}

/** To be written once the tables are printed. */
export interface Picture {
  /** Its extension is .svg or .png. */
  readonly path: string;
  readonly figure: Figure;
}

export interface BenchOptions {
  /** Where pictures go; a path with the extension .svg or .png. */
  readonly plot?: string;
  /** The problems that a benchmark of any problem is of. */
  readonly problems?: readonly string[];
  /** Told of long work: one line, which the next one replaces. */
  readonly onProgress?: (line: string) => void;
}

export interface Benchmark {
  readonly description: string;
  /** Is it of problems that are named? Others take none. */
  readonly takesProblems?: true;
  /** Are its times those of first calls, in fresh processes? */
  readonly isCold?: true;
  run(options: BenchOptions): Promise<Report>;
}
