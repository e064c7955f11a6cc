/** Experiments in parts that each have a start of their own, which is fitted. */
import { norm } from "../../src/core/norm.ts";
import { BadData } from "../data/errors.ts";
import { requireStillParameters, type Experiment, type ObservedSeries } from "../objective/experiment.ts";

export interface Segment {
  readonly experiment: Experiment;
  readonly tspan: readonly [number, number];
  /** The times within it, of those of the experiment: from and behind. */
  readonly from: number;
  readonly to: number;
  /** What was observed within it. */
  readonly series: readonly ObservedSeries[];
  /** Where its start is among what is fitted; absent: it begins with the experiment. */
  readonly start?: number;
  /** Where the start of the one behind it is. */
  readonly next?: number;
}

/** `first` is where the starts begin; `n` are the components of the state. Throws {@link BadData}. */
export function segmentsOf(experiments: readonly Experiment[], count: number, first: number, n: number): Segment[] {
  let place = first;
  return experiments.flatMap((experiment, e) => {
    const { times, series, problem } = experiment;
    if (count > 1) requireStillParameters(problem, "multipleShooting");
    if (times.length < 2 * count) {
      throw new BadData(
        `multipleShooting: experiment ${e} has ${times.length} times, fewer than two for each of ${count} segments.`,
      );
    }
    // Each ends at a time of an observation, which is its own.
    const ends = Array.from({ length: count }, (_, k) => Math.round(((k + 1) * times.length) / count));
    return ends.map((to, k): Segment => {
      const from = k === 0 ? 0 : ends[k - 1];
      const start = k === 0 ? undefined : place;
      if (k > 0) place += n;
      const tspan = [k === 0 ? problem.tspan[0] : times[from - 1], times[to - 1]] as const;
      const own = series.map((one) => within(one, from, to)).filter(({ at }) => at.length > 0);
      return { experiment, tspan, from, to, series: own, start, next: k < count - 1 ? place : undefined };
    });
  });
}

function within(series: ObservedSeries, from: number, to: number): ObservedSeries {
  const kept = [...series.at.keys()].filter((i) => series.at[i] >= from && series.at[i] < to);
  const { at, rows, values } = series;
  return {
    ...series,
    at: Int32Array.from(kept, (i) => at[i]),
    rows: Int32Array.from(kept, (i) => rows[i]),
    values: Float64Array.from(kept, (i) => values[i]),
  };
}

/** Where the segments behind the first of each experiment start: at what was observed, between two observations on the line. */
export function startsOf(segments: readonly Segment[], n: number): number[] {
  return segments.flatMap(({ experiment, start, tspan: [t] }) => {
    if (start === undefined) return [];
    return Array.from({ length: n }, (_, c) => {
      const one = experiment.series.find(({ component }) => component === c);
      return one ? interpolated(one, experiment.times, t) : experiment.u0[c];
    });
  });
}

function interpolated({ at, values }: ObservedSeries, times: Float64Array, t: number): number {
  const points = Array.from(at, (index, i) => ({ t: times[index], y: values[i] })).sort((a, b) => a.t - b.t);
  const behind = points.findIndex((point) => point.t >= t);
  if (behind < 0) return points[points.length - 1].y;
  const [a, b] = [points[Math.max(0, behind - 1)], points[behind]];
  return b.t > a.t ? a.y + ((b.y - a.y) * (t - a.t)) / (b.t - a.t) : b.y;
}

/** The root mean square of what was observed of each component; of one that was not, the size of its start, or 1. */
export function scalesOf(experiments: readonly Experiment[], n: number): Float64Array {
  return Float64Array.from({ length: n }, (_, c) => {
    const values = experiments.flatMap(({ series }) => series.flatMap((one) => (one.component === c ? [...one.values] : [])));
    const size = norm(Float64Array.from(values)) / Math.sqrt(values.length || 1);
    return size || Math.abs(experiments[0].u0[c]) || 1;
  });
}
