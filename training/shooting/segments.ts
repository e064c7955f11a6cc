/** Experiments in parts that each have a start of their own, which is fitted. */
import { BadData } from "../data/errors.ts";
import { requireStillParameters, seriesWithin, type Experiment, type ObservedSeries } from "../objective/experiment.ts";

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
      const own = series.map((one) => seriesWithin(one, from, to)).filter(({ at }) => at.length > 0);
      return { experiment, tspan, from, to, series: own, start, next: k < count - 1 ? place : undefined };
    });
  });
}

/** Where the segments behind the first of each experiment start, in sizes: at what was observed, between two observations on the line. */
export function startsOf(segments: readonly Segment[], sizes: Float64Array): number[] {
  return segments.flatMap(({ experiment, start, tspan: [t] }) => {
    if (start === undefined) return [];
    return Array.from(sizes, (size, c) => {
      const one = experiment.series.find(({ component }) => component === c);
      return (one ? interpolated(one, experiment.times, t) : experiment.u0[c]) / size;
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
