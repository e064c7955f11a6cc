/** What a benchmark gives back. */

export interface Column {
  /** Key of the rows. */
  readonly key: string;
  readonly header: string;
  /** How a value is shown: a duration with its unit, a ratio as "×1.5", a tolerance as "1e-6", a count as it is. */
  readonly kind: "seconds" | "ratio" | "tolerance" | "count";
}

export interface Report {
  readonly title: string;
  readonly columns: readonly Column[];
  /** A key that a row lacks was not measured. */
  readonly rows: readonly Readonly<Record<string, number>>[];
  /** Lines to read below the table. */
  readonly notes: readonly string[];
  /** Paths of the pictures that were drawn. */
  readonly pictures: readonly string[];
}

export interface BenchOptions {
  /** Where pictures go; a path with the extension .svg or .png. */
  readonly plot?: string;
}

export interface Benchmark {
  readonly description: string;
  run(options: BenchOptions): Promise<Report>;
}
