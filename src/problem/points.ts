/** Points at which functions are tried: to compare them with their compiled forms, and to see what they call. */

import type { EventTime } from "./event-times.ts";

/** Where a problem is tried; state and parameters flat. */
export interface Start {
  readonly u0: Float64Array;
  readonly p: Float64Array;
  readonly tspan: readonly [number, number];
}

export interface TriedPoint {
  /** Of an event: which of its times it is. */
  readonly index?: number;
  readonly u: Float64Array;
  readonly p: Float64Array;
  readonly t: number;
  /** No state of a solve: the function need not be one for it, and may throw. */
  readonly isMadeUp?: boolean;
}

/** At the start, in the middle and at the end of time, with state and parameters changed but at the start. */
export function pointsFrom({ u0, p, tspan: [start, end] }: Start): readonly TriedPoint[] {
  return pointsAt(u0, p, [start, (start + end) / 2, end]).map((point, i) => ({ ...point, isMadeUp: i > 0 }));
}

/** As {@link pointsFrom}, all made up; of an event at given times at the first, one in the middle, and the last. */
export function eventPointsFrom({ u0, p, tspan: [start, end] }: Start, times: readonly EventTime[] = []): readonly TriedPoint[] {
  if (times.length === 0) return pointsAt(u0, p, [start, (start + end) / 2, end]).map((point) => ({ ...point, index: 0 }));
  const tried = [times[0], times[times.length >> 1], times[times.length - 1]];
  const points = pointsAt(
    u0,
    p,
    tried.map(({ t }) => t),
  );
  return points.map((point, k) => ({ ...point, index: tried[k].index }));
}

function pointsAt(u0: Float64Array, p: Float64Array, times: readonly number[]): readonly TriedPoint[] {
  return [0, 0.05, -0.1].map((size, i) => ({ u: perturbed(u0, size), p: perturbed(p, size), t: times[i], isMadeUp: true }));
}

/** Every component changed by another fraction of itself (zeros absolutely), so that symmetries do not hide a fault. */
export function perturbed(x: Float64Array, size: number): Float64Array {
  const GOLDEN = 0.6180339887498949;
  return x.map((value, i) => value + size * (0.5 + ((i * GOLDEN) % 1)) * (value === 0 ? 0.1 : Math.abs(value)));
}
