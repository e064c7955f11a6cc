/** The misfit of segments to observations, with the gaps between them. */
import { unpack, pack } from "../../src/arrays/pack.ts";
import { sensitivities, type SensitivityOptions } from "../../sensitivity/sensitivities.ts";
import { solveWithPullback } from "../../sensitivity/pullback.ts";
import { Attempts } from "../objective/attempts.ts";
import { likelihood, type Likelihood } from "../objective/likelihood.ts";
import type { SolveSettings } from "../objective/solves.ts";
import { predictionsOf, requireSlopes, type Point, type PredictedSeries } from "../objective/predictions.ts";
import type { Evaluation, LeastSquares, Objective } from "../optimisers/optimiser.ts";
import type { FreeParameters } from "../parameters/free.ts";
import type { Segment } from "./segments.ts";

/** What states are counted in. */
interface Units {
  readonly sizes: Float64Array;
  /** One over the gap between segments that counts as one standard deviation, in sizes. */
  readonly continuity: number;
}

interface Solved {
  readonly segment: Segment;
  readonly predicted: readonly PredictedSeries[];
  /** The state at the end less where the next segment starts, in units of what counts as one standard deviation. */
  readonly gap: Float64Array;
}

export class ShootingMisfit implements Objective {
  readonly lower: Float64Array;
  readonly upper: Float64Array;
  readonly attempts: Attempts;

  /** What is fitted is `size` numbers: what is free, and behind it the starts of segments, in sizes. */
  constructor(
    private readonly segments: readonly Segment[],
    private readonly free: FreeParameters,
    private readonly units: Units,
    size: number,
    private readonly settings: SolveSettings,
  ) {
    this.attempts = new Attempts(settings.signal);
    const without = size - free.list.length;
    this.lower = Float64Array.from([...free.lower, ...new Array<number>(without).fill(-Infinity)]);
    this.upper = Float64Array.from([...free.upper, ...new Array<number>(without).fill(Infinity)]);
  }

  gradient = async (x: Float64Array): Promise<Evaluation> => {
    const none = { value: Infinity, gradient: new Float64Array(x.length) };
    return this.attempts.at(none, () => this.byPullback(x));
  };

  leastSquares = async (x: Float64Array): Promise<LeastSquares> => {
    const none = { value: Infinity, residuals: new Float64Array(0), jacobian: new Float64Array(0) };
    return this.attempts.at(none, () => this.linearized(x));
  };

  /** The largest gap, in units of what counts as one standard deviation. */
  largestGap(x: Float64Array): number {
    const all = this.segments.map((segment) => {
      const { solution } = solveWithPullback(segment.experiment.problem, this.optionsOf(segment, x));
      return this.solved(segment, x, solution.states);
    });
    return Math.max(0, ...all.flatMap(({ gap }) => Array.from(gap, Math.abs)));
  }

  private pointOf({ experiment, start }: Segment, x: Float64Array): Point {
    const point = this.free.put(this.free.valuesAt(x), experiment);
    return start === undefined ? point : { ...point, u0: this.units.sizes.map((size, c) => size * x[start + c]) };
  }

  private optionsOf(segment: Segment, x: Float64Array): SensitivityOptions<unknown, unknown> {
    const { experiment, tspan, from, to } = segment;
    const { layout } = experiment;
    const { u0, p } = this.pointOf(segment, x);
    const at = { u0: unpack(layout.u, u0), p: unpack(layout.p, p), tspan, saveat: experiment.times.slice(from, to) };
    return { ...this.settings, ...at, wrt: layout.p.size > 0 ? ["p", "u0"] : ["u0"] };
  }

  private solved(segment: Segment, x: Float64Array, states: readonly Float64Array[]): Solved {
    const { experiment, series, from, next } = segment;
    const placed: Float64Array[] = [];
    states.forEach((state, i) => (placed[from + i] = state));
    const predicted = predictionsOf({ ...experiment, series }, placed, this.pointOf(segment, x));
    requireSlopes(experiment, predicted);
    const end = states[states.length - 1];
    const { sizes, continuity } = this.units;
    const gap = next === undefined ? new Float64Array(0) : end.map((u, c) => (u / sizes[c] - x[next + c]) * continuity);
    return { segment, predicted, gap };
  }

  private byPullback(x: Float64Array): Evaluation {
    const all = this.segments.map((segment) => {
      const { solution, pullback } = solveWithPullback(segment.experiment.problem, this.optionsOf(segment, x));
      return { ...this.solved(segment, x, solution.states), pullback };
    });
    const found = likelihoodOf(all);
    const { sizes, continuity } = this.units;
    const gradient = new Float64Array(x.length);
    const slopes = this.free.slopesAt(this.free.valuesAt(x));
    let next = 0;
    for (const { segment, predicted, gap, pullback } of all) {
      const { layout } = segment.experiment;
      const bars = Array.from({ length: segment.to - segment.from }, () => new Float64Array(layout.u.size));
      const direct = new Float64Array(layout.p.size);
      for (const { series, predictions } of predicted) {
        const rows = found.residuals[next++];
        predictions.forEach(({ uBar, pBar }, i) => {
          const weight = rows[i].slope * rows[i].working;
          uBar.forEach((bar, c) => (bars[series.at[i] - segment.from][c] += weight * bar));
          pBar.forEach((bar, j) => (direct[j] += weight * bar));
        });
      }
      gap.forEach((g, c) => {
        bars[bars.length - 1][c] += (continuity / sizes[c]) * g;
        gradient[segment.next! + c] -= continuity * g;
      });
      const pulled = pullback(bars.map((bar) => unpack(layout.u, bar)));
      const u0 = pack(layout.u, pulled.u0, "u0");
      const p = layout.p.size > 0 ? pack(layout.p, pulled.p, "p").map((bar, j) => bar + direct[j]) : direct;
      this.distribute(segment, { u0, p }, slopes, (j, derivative) => (gradient[j] += derivative));
    }
    return { value: this.valueOf(found, all, x, (j, slope) => (gradient[j] += slope)), gradient };
  }

  /** Derivatives by the segment's own start and by p, to what is fitted. */
  private distribute({ start }: Segment, by: Point, slopes: Float64Array, add: (j: number, derivative: number) => void): void {
    this.free.list.forEach(({ of, index }, j) => {
      if (of === "p" || start === undefined) add(j, slopes[j] * by[of][index]);
    });
    if (start !== undefined) by.u0.forEach((derivative, c) => add(start + c, this.units.sizes[c] * derivative));
  }

  private valueOf(
    { value }: Likelihood,
    all: readonly Solved[],
    x: Float64Array,
    add: (j: number, slope: number) => void,
  ): number {
    let sum = value;
    for (const { gap } of all) for (const g of gap) sum += g ** 2 / 2;
    const values = this.free.valuesAt(x);
    for (const { j, residual, slope } of this.free.priorsAt(values, this.free.slopesAt(values))) {
      sum += residual ** 2 / 2;
      add(j, slope * residual);
    }
    return sum;
  }

  private linearized(x: Float64Array): LeastSquares {
    const slopes = this.free.slopesAt(this.free.valuesAt(x));
    const all = this.segments.map((segment) => {
      const { solution, flat } = sensitivities(segment.experiment.problem, this.optionsOf(segment, x));
      return { ...this.solved(segment, x, solution.states), flat };
    });
    const found = likelihoodOf(all);
    const { sizes, continuity } = this.units;
    const residuals: number[] = [];
    const rows: Float64Array[] = [];
    let next = 0;
    for (const { segment, predicted, gap, flat } of all) {
      const n = segment.experiment.u0.length;
      /** The row of what changes with the state at this time by `uBar`, and with p by `pBar`. */
      const row = (time: number, uBar: Float64Array, pBar: Float64Array, factor: number): Float64Array => {
        const whole = new Float64Array(x.length);
        const by = (matrix: Float64Array, columns: number): Float64Array =>
          Float64Array.from({ length: columns }, (_, j) => uBar.reduce((sum, bar, c) => sum + bar * matrix[c * columns + j], 0));
        const byP = flat.p && by(flat.p[time], pBar.length);
        const p = byP ? pBar.map((bar, j) => bar + byP[j]) : pBar;
        this.distribute(segment, { u0: by(flat.u0![time], n), p }, slopes, (j, derivative) => (whole[j] += factor * derivative));
        return whole;
      };
      for (const { series, predictions } of predicted) {
        const own = found.residuals[next++];
        predictions.forEach(({ uBar, pBar }, i) => {
          residuals.push(own[i].working);
          rows.push(row(series.at[i] - segment.from, uBar, pBar, own[i].slope));
        });
      }
      gap.forEach((g, c) => {
        const unit = Float64Array.from({ length: n }, (_, k) => Number(k === c));
        const whole = row(
          segment.to - 1 - segment.from,
          unit,
          new Float64Array(segment.experiment.p.length),
          continuity / sizes[c],
        );
        whole[segment.next! + c] -= continuity;
        residuals.push(g);
        rows.push(whole);
      });
    }
    const values = this.free.valuesAt(x);
    for (const { j, residual, slope } of this.free.priorsAt(values, slopes)) {
      residuals.push(residual);
      rows.push(Float64Array.from(x, (_, k) => (k === j ? slope : 0)));
    }
    const jacobian = new Float64Array(rows.length * x.length);
    rows.forEach((one, i) => jacobian.set(one, i * x.length));
    return { value: this.valueOf(found, all, x, () => {}), residuals: Float64Array.from(residuals), jacobian };
  }
}

function likelihoodOf(all: readonly Solved[]): Likelihood {
  const series = all.flatMap(({ predicted }) =>
    predicted.map((one) => ({ series: one.series, predicted: one.predictions.map(({ value }) => value) })),
  );
  return likelihood(series);
}
