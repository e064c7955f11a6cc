/** How the wait for the first solve and the first gradient grows with parameters, states and statements. */
import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { packageRoot } from "../node/package-root.ts";
import { growing, type Growing } from "./preparation/programs.ts";
import type { Benchmark, Row, Table } from "./shared/report.ts";

interface Measured {
  readonly firstSolve: number;
  readonly firstGradient: number;
  readonly secondGradient: number;
  readonly memory: number;
}

export const preparationBenchmark: Benchmark = {
  description: "first solve and first gradient of growing programs, each in a fresh process, and how fast they grow",
  isCold: true,
  async run({ onProgress }) {
    const tables = Object.entries(growing).map(([name, family]) => tableOf(name, family, onProgress));
    return {
      title: "First solve, first and second gradient by parameters and initial state at rtol = atol = 1e-4",
      tables,
      notes: [
        "growth: the power of the size with which the first gradient, all before it included, has grown since the row above",
      ],
      pictures: [],
    };
  },
};

function tableOf(name: string, { counts, sizes }: Growing, onProgress?: (line: string) => void): Table {
  const rows: Row[] = [];
  let last: { readonly size: number; readonly seconds: number } | undefined;
  for (const size of sizes) {
    onProgress?.(`${name}: ${size} ${counts}`);
    const measured = measure(name, size);
    const seconds = measured.firstSolve + measured.firstGradient;
    const growth = last && Math.log(seconds / last.seconds) / Math.log(size / last.size);
    rows.push({ size, ...measured, ...(growth !== undefined && { growth: growth.toFixed(2) }) });
    last = { size, seconds };
  }
  return {
    caption: `${name}, by ${counts}`,
    columns: [
      { key: "size", header: counts, kind: "count" },
      { key: "firstSolve", header: "first solve", kind: "seconds" },
      { key: "firstGradient", header: "first gradient", kind: "seconds" },
      { key: "secondGradient", header: "second", kind: "seconds" },
      { key: "memory", header: "memory", kind: "bytes" },
      { key: "growth", header: "growth", kind: "text" },
    ],
    rows,
  };
}

function measure(name: string, size: number): Measured {
  const program = join(packageRoot(), "dist", "bench", "preparation", "process.js");
  return JSON.parse(execFileSync(process.execPath, [program, name, String(size)], { encoding: "utf8" })) as Measured;
}
