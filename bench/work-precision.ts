/** Work-precision diagrams: what an error costs, by several of the library's methods and by others' on the same problem. */
import { curvesFigure } from "../plot/curves.ts";
import { measured, type Measured } from "./work-precision/measure.ts";
import { peersOf } from "./work-precision/peers.ts";
import { caseOf } from "./work-precision/problem.ts";
import { secondsAt } from "./shared/equal-error.ts";
import type { Benchmark, Column, Picture, Table } from "./shared/report.ts";

/** Errors at which times are compared. */
const COMPARED = [1e-3, 1e-5, 1e-7, 1e-9] as const;

const pointColumns: readonly Column[] = [
  { key: "method", header: "method", kind: "text" },
  { key: "rtol", header: "rtol", kind: "tolerance" },
  { key: "error", header: "error", kind: "error" },
  { key: "seconds", header: "time", kind: "seconds" },
  { key: "calls", header: "rhs calls", kind: "count" },
];

const atEqualError: readonly Column[] = [
  { key: "method", header: "method", kind: "text" },
  ...COMPARED.map((error): Column => ({ key: String(error), header: `at ${error.toExponential()}`, kind: "seconds" })),
  ...COMPARED.map((error): Column => ({ key: `${error} of best`, header: "of the best", kind: "ratio" })),
];

export const workPrecisionBenchmark: Benchmark = {
  description: "error against time and right-hand sides on PROBLEM…, next to CVODE and SciPy where they are installed",
  takesProblems: true,
  async run({ problems = [], plot, onProgress = () => {} }) {
    const tables: Table[] = [];
    const pictures: Picture[] = [];
    const notes: string[] = [
      "The error is that of the state at the end, each component over its largest size on the way. Times are the least of several runs.",
    ];
    for (const name of problems) {
      const of = caseOf(name);
      const own = measured(of, onProgress, notes);
      const all = [...own, ...peersOf(of, onProgress, notes)];
      notes.push(`${name}: the reference is ${of.source}.`);
      tables.push(
        {
          caption: `${name}: seconds to the same true error, by lines between measured points on logarithmic axes`,
          columns: atEqualError,
          rows: all.map((one) => rowAtEqualError(one, all)),
        },
        {
          caption: `${name}: what was measured`,
          columns: pointColumns,
          rows: all.flatMap(({ method, points }) => points.map((point) => ({ method, ...point }))),
        },
      );
      if (plot)
        pictures.push({
          path: problems.length > 1 ? plot.replace(/(\.\w+)$/, `-${name.replace(/\W+/g, "-")}$1`) : plot,
          figure: await draw(name, all),
        });
    }
    return { title: `Work against precision: ${problems.join(", ")}`, tables, notes, pictures };
  },
};

function rowAtEqualError({ method, points }: Measured, all: readonly Measured[]): Record<string, number | string> {
  const row: Record<string, number | string> = { method };
  for (const error of COMPARED) {
    const seconds = secondsAt(error, points);
    if (seconds === undefined) continue;
    const best = Math.min(...all.map((one) => secondsAt(error, one.points) ?? Infinity));
    row[error] = seconds;
    row[`${error} of best`] = seconds / best;
  }
  return row;
}

function draw(name: string, all: readonly Measured[]): Promise<Picture["figure"]> {
  const panel = (title: string, key: "seconds" | "calls", label: string) => ({
    title,
    x: { label: "error", log: true },
    y: { label, log: true },
    curves: all.map(({ method, points, isPeer }) => ({
      name: method,
      points: points.filter(({ error }) => error > 0).map((point) => ({ x: point.error, y: point[key] })),
      dashed: isPeer,
    })),
  });
  return curvesFigure(
    [panel("time", "seconds", "seconds"), panel("right-hand sides", "calls", "calls")],
    `${name}: work against precision`,
  );
}
