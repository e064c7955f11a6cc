/** What a batch amounts to: means and quantiles at saved times. */
import { describe, isNdArray } from "../../src/core/array-values.ts";
import { quantileOf } from "../../src/core/quantile.ts";
import { BadBatch } from "../../src/devices/errors.ts";
import type { BatchSolution } from "./solve-batch.ts";

/** Percentages of the quantiles. */
export const QUANTILES = [5, 25, 50, 75, 95] as const;

/** Of each component at each saved time, [K][n], over the trajectories that reached it. */
export interface BatchStatistics {
  readonly mean: readonly Float64Array[];
  /** By percentage. */
  readonly quantiles: Readonly<Record<(typeof QUANTILES)[number], readonly Float64Array[]>>;
}

/** Means and the 5, 25, 50, 75 and 95 % quantiles of every component at the saved times, in the units of the state. Throws {@link BadBatch}. */
export function batchStatistics(solution: Pick<BatchSolution, "u">): BatchStatistics {
  const u: unknown = (solution as Partial<BatchSolution> | null | undefined)?.u;
  if (!isNdArray(u) || u.shape.length !== 3) {
    throw new BadBatch(
      `batchStatistics: u is ${describe(u)}, but must be that of \`solveBatch\`, [trajectories, times, components].`,
    );
  }
  const [count, times, n] = u.shape;
  const empty = (): Float64Array[] => Array.from({ length: times }, () => new Float64Array(n));
  const mean = empty();
  const quantiles = Object.fromEntries(QUANTILES.map((percent) => [percent, empty()])) as Record<
    (typeof QUANTILES)[number],
    Float64Array[]
  >;
  const values = new Float64Array(count);
  for (let k = 0; k < times; k++) {
    for (let c = 0; c < n; c++) {
      let reached = 0;
      for (let m = 0; m < count; m++) {
        const x = u.data[(m * times + k) * n + c];
        if (!Number.isNaN(x)) values[reached++] = x;
      }
      const sorted = values.subarray(0, reached).sort();
      mean[k][c] = sorted.reduce((sum, x) => sum + x, 0) / reached;
      for (const percent of QUANTILES) quantiles[percent][k][c] = quantileOf(sorted, percent / 100);
    }
  }
  return { mean, quantiles };
}
