/** The method that is chosen by default next to the best of the others, at the same true error. */
import { cases } from "./defaults/cases.ts";
import { measure } from "./defaults/measure.ts";
import type { Benchmark, Column, Row } from "./shared/report.ts";

const columns: readonly Column[] = [
  { key: "problem", header: "problem", kind: "text" },
  { key: "rtol", header: "rtol", kind: "tolerance" },
  { key: "error", header: "error", kind: "error" },
  { key: "seconds", header: "default", kind: "seconds" },
  { key: "best", header: "best", kind: "text" },
  { key: "bestSeconds", header: "its time", kind: "seconds" },
  { key: "ratio", header: "default/best", kind: "ratio" },
  { key: "solver", header: "chosen", kind: "text" },
];

/** References by two methods have to agree to this part of the smallest error that is compared. */
const CERTAIN = 0.3;

export const defaultsBenchmark: Benchmark = {
  description:
    "the method chosen by default next to the best of all at the same true error, on problems of all kinds (takes half an hour)",
  run({ onProgress = () => {} }) {
    const [rows, notes]: [Row[], string[]] = [[], []];
    for (const one of cases) {
      const { compared, uncertainty } = measure(one, onProgress);
      for (const row of compared) rows.push({ problem: one.name, ...row, ratio: row.seconds / row.bestSeconds });
      const smallest = Math.min(...compared.map(({ error }) => error));
      if (!(uncertainty < CERTAIN * smallest))
        notes.push(
          `${one.name}: two references differ by ${uncertainty.toExponential(1)}, next to errors of ${smallest.toExponential(1)}.`,
        );
    }
    const title =
      "Seconds on the processor, the least of several turns, at the error of the default; default absolute tolerances";
    return Promise.resolve({ title, tables: [{ columns, rows }], notes, pictures: [] });
  },
};
