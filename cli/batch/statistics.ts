/** How the trajectories of a batch ended, and how a number spreads over them. */
import { quantileOf } from "../../src/core/quantile.ts";

/** How many trajectories ended so, and the first of them. */
export interface Ending {
  readonly outcome: string;
  readonly count: number;
  readonly first: number;
}

/** In the order in which they are met. */
export function endingsOf(outcomes: readonly string[]): Ending[] {
  const endings = new Map<string, { outcome: string; count: number; first: number }>();
  outcomes.forEach((outcome, m) => {
    const known = endings.get(outcome);
    if (known) known.count++;
    else endings.set(outcome, { outcome, count: 1, first: m });
  });
  return [...endings.values()];
}

export interface Spread {
  readonly least: number;
  readonly median: number;
  readonly mean: number;
  readonly most: number;
}

export function spreadOf(values: Float64Array): Spread {
  const sorted = values.toSorted();
  return {
    least: sorted[0],
    median: quantileOf(sorted, 0.5),
    mean: sorted.reduce((sum, x) => sum + x, 0) / sorted.length,
    most: sorted[sorted.length - 1],
  };
}
