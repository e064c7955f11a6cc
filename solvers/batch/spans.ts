/** The time spans of a batch, and the times at which its states are saved. */
import { describe, isNdArray, type NumberNdArray } from "../../src/core/array-values.ts";
import type { Check } from "../../src/core/options/check.ts";
import { checkTimeSpan, timeSpan } from "../../src/core/options/time-span.ts";
import { BadBatch } from "../../src/devices/errors.ts";
import type { Given, Rows } from "../../src/devices/rows.ts";
import { BadSaveTimes } from "../solution/errors.ts";
import { saveTimes, times } from "../solution/save-times.ts";
import { span, SPAN } from "./told.ts";

export type TimeSpan = readonly [number, number];

/** Of steps: as good as none, and a number in single precision too. */
const LONGEST = 3e38;

/** Where a batch is a part of something larger: the index there of its m-th trajectory, which messages name. */
export interface Placed {
  readonly indexOf?: (m: number) => number;
}

/** One for all trajectories, or one each: how many, where each has its own, and that of the m-th. */
export interface Spans extends Required<Placed> {
  readonly count?: number;
  readonly of: (m: number) => TimeSpan;
}

/** A time span, or rows of them. */
export const spans: Check = (value, what) => {
  if (!isNdArray(value)) timeSpan(value, what);
};

/** Throws {@link BadBatch}, and BadTimeSpan with the trajectory. */
export function spansOf(tspan: TimeSpan | Rows, count: number, { indexOf = (m) => m }: Placed = {}): Spans {
  if (!isNdArray(tspan)) {
    checkTimeSpan(tspan);
    return { indexOf, of: () => tspan };
  }
  const { shape } = tspan;
  if (shape.join() !== `${count},2`) {
    throw new BadBatch(
      `tspan has shape [${shape.join(", ")}], but must be [start, end], or an ndarray of shape [${count}, 2]: a row for each trajectory.`,
    );
  }
  const rows = Array.from({ length: count }, (_, m): TimeSpan => [tspan.get(m, 0), tspan.get(m, 1)]);
  rows.forEach((row, m) => inTrajectory(indexOf(m), () => checkTimeSpan(row)));
  return { indexOf, count, of: (m) => rows[m] };
}

/** As kernels are told them; `dt`: of steps of one length, `longest`: of others, in the m-th trajectory. */
export function toldSpans({ count, of }: Spans, dt: number | undefined, longest: (m: number) => number): Given {
  const data = new Float64Array((count ?? 1) * SPAN);
  for (let m = 0; m < (count ?? 1); m++) {
    const [t0, t1] = of(m);
    const direction = Math.sign(t1 - t0);
    data.set([t0, t1], m * SPAN + span.t0);
    data.set(
      [direction, direction * (dt ?? 0), dt === undefined ? Math.min(LONGEST, longest(m)) : LONGEST],
      m * SPAN + span.direction,
    );
  }
  return { data, count };
}

/** Of one kind: a distance or times as in `solve`, or rows of times. */
export const batchTimes: Check = (value, what) => {
  if (!isNdArray(value)) return times(value, what);
  if (value.shape.length !== 2 || value.shape[1] === 0) {
    throw new BadSaveTimes(`${what} is ${describe(value)}, but must be [trajectories, times] where each trajectory has its own.`);
  }
};

/** The times at which states of n numbers are saved: K for all trajectories, or K each. Throws {@link BadSaveTimes}, with the trajectory. */
export function batchSaveTimes(
  saveat: number | ArrayLike<number> | Rows | undefined,
  of: Spans,
  count: number,
  n: number,
): Given & { readonly each: number } {
  const isRows = isNdArray(saveat);
  if (isRows && saveat.shape[0] !== count) {
    throw new BadSaveTimes(`saveat has ${saveat.shape[0]} rows, but the batch has ${count} trajectories. Give a row for each.`);
  }
  const ofTrajectory = (m: number): ArrayLike<number> => {
    const [t0, t1] = of.of(m);
    return saveTimes(isRows ? rowOf(saveat, m) : (saveat ?? [t1]), t0, t1, n);
  };
  const rows = Array.from({ length: isRows ? count : (of.count ?? 1) }, (_, m) =>
    of.count === undefined && !isRows ? ofTrajectory(m) : inTrajectory(of.indexOf(m), () => ofTrajectory(m)),
  );
  const isList = typeof saveat === "object" && !isRows;
  if (rows.length === 1 || isList) return { data: Float64Array.from(rows[0]), each: rows[0].length };
  const each = rows[0].length;
  const other = rows.findIndex((row) => row.length !== each);
  if (other > 0) {
    throw new BadSaveTimes(
      `saveat is ${String(saveat)}, which is ${each} times in trajectory 0 and ${rows[other].length} in trajectory ${other}. ` +
        "Give spans of one length, or times of each trajectory's own, as many of each: saveat as an ndarray of shape [trajectories, times].",
    );
  }
  const data = new Float64Array(count * each);
  rows.forEach((row, m) => data.set(row, m * each));
  return { data, count, each };
}

function rowOf(rows: NumberNdArray, m: number): Float64Array {
  return Float64Array.from({ length: rows.shape[1] }, (_, k) => rows.get(m, k));
}

/** What an error is of is said in its message, by the index that the caller knows the trajectory by. */
export function inTrajectory<T>(index: number, work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (error instanceof Error) error.message = `Trajectory ${index}: ${error.message}`;
    throw error;
  }
}
