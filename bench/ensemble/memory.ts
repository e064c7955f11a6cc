/** The memory that reduced ensembles take, whatever their number of trajectories. */
import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { packageRoot } from "../../node/package-root.ts";
import type { Table } from "../shared/report.ts";

interface Measured {
  readonly trajectories: number;
  readonly succeeded: number;
  readonly peak: number;
  readonly seconds: number;
  readonly mean: number;
}

export interface MemoryRun {
  readonly table: Table;
  /** Of the largest number of trajectories over that of the smallest. */
  readonly ratio: number;
}

/** Error: of the mean of exp(−k) over k from 0.5 to 1.5. */
export function memoryOf(counts: readonly number[], onProgress: (line: string) => void = () => {}): MemoryRun {
  const program = join(packageRoot(), "dist", "bench", "ensemble", "memory-process.js");
  const runs = counts.map((count) => {
    onProgress(`memory of ${count} trajectories`);
    return JSON.parse(execFileSync(process.execPath, [program, String(count)], { encoding: "utf8" })) as Measured;
  });
  const exact = Math.exp(-0.5) - Math.exp(-1.5);
  return {
    table: {
      caption: "Peak memory of a process: mean, variance and quantiles of a cheap problem",
      columns: [
        { key: "trajectories", header: "trajectories", kind: "count" },
        { key: "peak", header: "peak memory", kind: "bytes" },
        { key: "seconds", header: "seconds", kind: "seconds" },
        { key: "error", header: "error of the mean", kind: "error" },
      ],
      rows: runs.map(({ trajectories, peak, seconds, mean }) => ({
        trajectories,
        peak,
        seconds,
        error: Math.abs(mean / exact - 1),
      })),
    },
    ratio: runs.at(-1)!.peak / runs[0].peak,
  };
}
