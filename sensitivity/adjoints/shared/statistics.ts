/** Sums of step statistics over the pieces of a solve. */
import type { Statistics } from "../../../solvers/step-loop/trajectory.ts";

export function emptyStatistics(): Statistics {
  return { steps: 0, rejected: 0, rhsCalls: 0, jacobians: 0, factorizations: 0, linearSolves: 0 };
}

export function addStatistics(sum: Statistics, piece: Statistics): void {
  for (const key of Object.keys(sum) as (keyof Statistics)[]) sum[key] += piece[key];
}
