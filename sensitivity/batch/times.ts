/** The times of a loss in the trajectories of a batch. */
import { inTrajectory, type Spans } from "../../solvers/batch/spans.ts";
import type { Loss } from "../../src/problem/problem.ts";
import { sortedTimes, type LossPrograms } from "../losses/loss.ts";

type Times = Pick<LossPrograms, "times" | "indices">;

export interface BatchTimes {
  /** In the order of the solve, [K]; where trajectories have spans of their own [M, K]. Of a loss without times the end, which kernels ask for. */
  readonly saveTimes: Float64Array;
  /** Those of the times in the user's `at`. */
  readonly indices: Float64Array;
  /** Names of these, where all trajectories have them in common. */
  readonly shared: readonly string[];
}

export const noTimes: Times = { times: new Float64Array(), indices: new Int32Array() };

/** Throws BadLoss, with the trajectory, for times outside of its span. */
export function timesIn(spans: Spans, loss: Times): BatchTimes {
  const rows = spans.count ?? 1;
  const K = Math.max(1, loss.times.length);
  const [saveTimes, indices] = [new Float64Array(rows * K), new Float64Array(rows * K)];
  for (let m = 0; m < rows; m++) {
    if (loss.times.length === 0) saveTimes[m] = spans.of(m)[1];
    else {
      const own = timesOf(spans, loss, m);
      saveTimes.set(own.times, m * K);
      indices.set(own.indices, m * K);
    }
  }
  return { saveTimes, indices, shared: spans.count === undefined ? ["saveTimes", "indices"] : [] };
}

/** Of one trajectory: one at an end of its span is that end to the last digit, and spans may run both ways. Throws as {@link timesIn} does. */
export function timesOf({ count, of, indexOf }: Spans, { times, indices }: Times, m: number): Times {
  if (count === undefined) return { times, indices };
  const at = new Float64Array(times.length);
  indices.forEach((i, k) => (at[i] = times[k]));
  return inTrajectory(indexOf(m), () => sortedTimes(at, of(m)));
}

/** Throws BadLoss, with the trajectory. */
export function requireTimesWithin({ at }: Loss, { count = 0, of, indexOf }: Spans): void {
  for (let m = 0; at && m < count; m++) inTrajectory(indexOf(m), () => sortedTimes(at, of(m)));
}
