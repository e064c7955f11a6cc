/** What the steps of an integration took. */
import { COUNTERS, verdict, type Counter } from "../step/verdict.ts";

/** `rhsCalls` has those within Jacobians not; `linearIterations` are those of GMRES. */
export interface Statistics extends Record<Counter, number> {
  /** Accepted steps. */
  steps: number;
  rejected: number;
}

export function emptyStatistics(): Statistics {
  return {
    steps: 0,
    rejected: 0,
    rhsCalls: 0,
    jacobians: 0,
    factorizations: 0,
    linearSolves: 0,
    newtonIterations: 0,
    linearIterations: 0,
  };
}

export function addStatistics(sum: Statistics, piece: Readonly<Statistics>): void {
  sum.steps += piece.steps;
  sum.rejected += piece.rejected;
  for (const counter of COUNTERS) sum[counter] += piece[counter];
}

/** What came to nothing was work all the same, by steps that do not count. */
export function addEffort(of: { readonly statistics: Statistics }, vain: { readonly statistics: Readonly<Statistics> }): void {
  const { steps, rejected } = vain.statistics;
  addStatistics(of.statistics, { ...vain.statistics, steps: 0, rejected: steps + rejected });
}

/** Adds what a verdict counts, which begins again at zero. Written out: a solve of a few steps takes microseconds. */
export function addCounts(sum: Statistics, counts: Float64Array): void {
  sum.rhsCalls += counts[verdict.rhsCalls];
  sum.jacobians += counts[verdict.jacobians];
  sum.factorizations += counts[verdict.factorizations];
  sum.linearSolves += counts[verdict.linearSolves];
  sum.newtonIterations += counts[verdict.newtonIterations];
  sum.linearIterations += counts[verdict.linearIterations];
  counts.fill(0, verdict.rhsCalls);
}
