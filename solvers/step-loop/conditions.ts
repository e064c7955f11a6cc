/** Conditions along steps: where one reaches zero, and when they do so too often. */
import { MissedEvents, type After } from "./missed-events.ts";
import {
  AT_ONCE,
  DEEP,
  DIRECTIONS,
  END,
  FALLS,
  FOLLOWED,
  JUMP,
  PARTS,
  RESIDUAL,
  ROUNDING,
  SLOPE,
  SOON,
} from "./condition-thresholds.ts";
import { Recurrence } from "./recurrence.ts";
import { withDips } from "../../src/core/dips.ts";
import { rootBetween, type Sample } from "../../src/core/root.ts";
import type { TakenSteps } from "./taken-steps.ts";

/** When an event of the state takes place. */
export interface Condition {
  /** The event's index in the problem's list. */
  readonly event: number;
  /** A number that crosses zero there; the first components of `u` are the problem's. */
  readonly valueAt: (u: Float64Array, t: number) => number;
  /** The way it crosses: 1 up, -1 down, 0 both. */
  readonly direction: number;
  /** Does its event change the state, and the solve goes on? */
  readonly moves: boolean;
}

/** Where the first of the conditions crosses zero within a step. */
export interface Crossing {
  readonly t: number;
  /** The condition's index, and its slope in time. */
  readonly first: number;
  readonly slope: number;
  /** Of one that does not cross zero there but jumps over it, the sign behind that; 0 of others. */
  readonly beyond: number;
}

export class Conditions {
  /** Where the present step begins: values, and the sign of each: 0 where it did not leave zero yet. */
  private readonly values: Float64Array;
  private readonly signs: Int8Array;
  /** Of one that did not leave zero yet, the sign that it sets out to: 0 where that is not known. */
  private readonly ways: Int8Array;
  /** The same at the end of the step looked at. */
  private readonly nextValues: Float64Array;
  private readonly nextSigns: Int8Array;
  /** Of one that was met, the magnitude that it has to leave. */
  private readonly residual: Float64Array;
  private readonly state: Float64Array;
  /** The largest of what each component is at the ends of the steps from here in which a condition was found: its rounding is relative to that. */
  private readonly sizes: Float64Array;
  private readonly samples: Float64Array[] = [];
  private readonly recurrence: Recurrence;
  readonly missed: MissedEvents;
  /** Of the step looked at. */
  private length = 0;
  /** Was a condition met again before it had been seen to leave zero? */
  private isUnseen = false;

  constructor(
    readonly list: readonly Condition[],
    private readonly n: number,
    /** Of the whole solve; negative where it goes back in time. */
    private readonly span: number,
  ) {
    const { length } = list;
    [this.values, this.nextValues, this.residual] = [0, 0, 0].map(() => new Float64Array(length));
    [this.signs, this.ways, this.nextSigns] = [0, 0, 0].map(() => new Int8Array(length));
    [this.state, this.sizes] = [new Float64Array(n), new Float64Array(n)];
    this.recurrence = new Recurrence(Math.abs(span));
    this.missed = new MissedEvents(list);
  }

  /** The solve begins, or goes on behind a jump after this, with these derivatives of the state by the time where they are known. */
  begin(state: Float64Array, t: number, after: After, velocity?: Float64Array): void {
    const { values, signs, ways, residual, sizes, missed } = this;
    const u = this.leading(state);
    sizes.fill(0);
    this.list.forEach((condition, j) => {
      const before = { value: values[j], sign: signs[j] };
      values[j] = condition.valueAt(u, t);
      signs[j] = Math.abs(values[j]) <= residual[j] ? 0 : Math.sign(values[j]);
      const way = signs[j] === 0 && velocity ? this.wayOf(j, u, t, velocity) : NaN;
      // Where the solve begins, it is not known whether it comes from the other side.
      ways[j] = after === "start" ? 0 : way || 0;
      missed.begin(j, { t, after, before, value: values[j], sign: signs[j], isAtRest: way === 0 });
    });
  }

  /** The sign of the slope of condition j, which is zero to rounding: by central differences, so that what is curved does not count. */
  private wayOf(j: number, u: Float64Array, t: number, velocity: Float64Array): number {
    const { residual, state, span } = this;
    const { valueAt } = this.list[j];
    const after = (time: number): number => {
      u.forEach((x, i) => (state[i] = x + time * velocity[i]));
      return valueAt(state, t + time);
    };
    for (let part = FOLLOWED.first; part <= FOLLOWED.last; part *= FOLLOWED.growth) {
      const change = after(part * span) - after(-part * span);
      if (Math.abs(change) > 2 * RESIDUAL * residual[j]) return Math.sign(change);
    }
    return 0;
  }

  valueAt(j: number, state: Float64Array, t: number): number {
    return this.list[j].valueAt(this.leading(state), t);
  }

  /** Where a step that was taken, step 0, first meets a condition; undefined where it meets none. */
  over(steps: TakenSteps): Crossing | undefined {
    const [start, end] = [steps.time(0), steps.time(1)];
    this.length = Math.abs(end - start);
    const times = this.timesWithin(start, end);
    const samples = this.samplesAt(steps, times);
    this.isUnseen = false;
    const found: (Sample & { readonly j: number; readonly valueAt: (t: number) => number })[] = [];
    this.list.forEach((condition, j) => {
      if (this.staysAway(j, [start, ...times], samples)) {
        this.nextValues[j] = samples[samples.length - 1][j];
        this.nextSigns[j] = this.signs[j];
        return;
      }
      const valueAt = (t: number): number => condition.valueAt(this.stateAt(steps, t), t);
      const own = [{ t: start, value: this.values[j] }, ...times.map((t, k) => ({ t, value: samples[k][j] }))];
      const bracket = this.firstBracket(j, withDips(own, valueAt));
      this.nextValues[j] = own[own.length - 1].value;
      if (bracket) found.push({ j, valueAt, ...rootBetween(valueAt, ...bracket) });
      else if (this.isMetAtEnd(j, own)) found.push({ j, valueAt, ...own[own.length - 1] });
    });
    if (found.length === 0) return undefined;
    const [left, right] = [steps.state(0), steps.state(1)];
    this.sizes.forEach((_, i) => (this.sizes[i] = Math.max(this.sizes[i], Math.abs(left[i]), Math.abs(right[i]))));
    const direction = Math.sign(end - start);
    const first = found.reduce((a, b) => (direction * (b.t - a.t) < 0 ? b : a));
    const { t, valueAt } = first;
    const distance = SLOPE * (end - start);
    const before = valueAt(t - distance);
    // Over less than the rounding of the time a slope does not show.
    const isSeen = Math.abs(distance) > AT_ONCE * Math.abs(t);
    const beyond = isSeen && Math.abs(first.value) > JUMP * Math.abs(before) ? -Math.sign(before) : 0;
    return { t, beyond, first: first.j, slope: (first.value - before) / distance };
  }

  /** The step looked at last, which met nothing, is kept, and ends with this state. */
  accept(state: Float64Array, t: number): void {
    for (const j of this.missed.open) this.lookWhereItGoes(j, this.leading(state), t);
    this.sizes.fill(0);
    this.values.set(this.nextValues);
    this.signs.set(this.nextSigns);
    this.signs.forEach((sign, j) => sign !== 0 && (this.residual[j] = 0));
  }

  /**
   * A condition is met where the step looked at ends, or where it begins and it was dropped; the state there is this. With it all that crossed
   * by then, or would but for rounding, are met: how they stand before events change the state decides. Those that are, by their indices in order;
   * undefined where they are met ever more often, or so soon again that it is not seen.
   */
  meet({ first, beyond }: Crossing, where: "start" | "end", state: Float64Array, t: number): readonly number[] | undefined {
    const u = this.leading(state);
    const met = [...this.list.keys()].filter((j) => j === first || this.isCrossed(j, where, u, t));
    this.list.forEach((_, j) => this.noteBefore(j, met.includes(j), u, t));
    // Nothing of what jumps is left behind that.
    for (const j of met) this.residual[j] = j === first && beyond !== 0 ? 0 : this.residualAt(j, u, t);
    return this.recurrence.note(met, t) && !this.isUnseen ? met : undefined;
  }

  /** How condition j stands before events change the state. */
  private noteBefore(j: number, isMet: boolean, u: Float64Array, t: number): void {
    const { missed, values, signs, list } = this;
    if (isMet) return missed.takesPlace(j, -list[j].direction || signs[j]);
    if (missed.isOpen(j)) this.lookWhereItGoes(j, u, t);
    values[j] = list[j].valueAt(u, t);
    signs[j] = Math.abs(values[j]) <= this.roundingAt(j, u, t) ? 0 : Math.sign(values[j]);
  }

  /** Is condition j, which was at zero, on one side of it by more than rounding? */
  private lookWhereItGoes(j: number, u: Float64Array, t: number): void {
    const value = this.list[j].valueAt(u, t);
    if (Math.abs(value) > Math.max(this.residual[j], this.roundingAt(j, u, t, u))) this.missed.leaves(j, Math.sign(value));
  }

  /** Did condition j cross where another one is met, or is it no farther from zero than the state and the time are known, and on its way there? */
  private isCrossed(j: number, where: "start" | "end", u: Float64Array, t: number): boolean {
    const { list, signs, values, nextValues, length } = this;
    const sign = signs[j];
    if (sign === 0 || list[j].direction === sign) return false;
    const value = sign * list[j].valueAt(u, t);
    if (value <= 0) return true;
    const fall = where === "end" ? sign * values[j] - value : value - sign * nextValues[j];
    if (!(fall > FALLS * value)) return false;
    const rounding = this.roundingAt(j, u, t) + (fall / length) * AT_ONCE * Math.max(Math.abs(t), length);
    return value <= rounding && fall > FALLS * rounding;
  }

  /** What condition j may be near where it is met, though it does not leave zero: what it is there, and what rounding makes of it. */
  private residualAt(j: number, u: Float64Array, t: number): number {
    return Math.max(RESIDUAL * Math.abs(this.list[j].valueAt(u, t)), this.roundingAt(j, u, t));
  }

  /** What condition j changes by where the state is moved by its rounding, which dense output is not free of. */
  private roundingAt(j: number, u: Float64Array, t: number, sizes = this.sizes): number {
    const { valueAt } = this.list[j];
    const value = valueAt(u, t);
    let most = 0;
    for (let k = 0; k < DIRECTIONS; k++) {
      u.forEach((x, i) => (this.state[i] = x + ROUNDING * sizes[i] * Math.sin(1 + k + DIRECTIONS * i)));
      const moved = Math.abs(valueAt(this.state, t) - value);
      if (moved > most && Number.isFinite(moved)) most = moved;
    }
    return most;
  }

  private leading(state: Float64Array): Float64Array {
    return state.length === this.n ? state : state.subarray(0, this.n);
  }

  private timesWithin(start: number, end: number): number[] {
    const parts = this.signs.some((sign) => sign === 0) ? [...SOON, ...PARTS].sort((a, b) => a - b) : PARTS;
    return [...parts.map((part) => start + part * (end - start)), end];
  }

  /** The values of all conditions at each of the times, the last of which is the step's end; until the next call. */
  private samplesAt(steps: TakenSteps, times: readonly number[]): readonly Float64Array[] {
    const { list, samples } = this;
    while (samples.length < times.length) samples.push(new Float64Array(list.length));
    samples.length = times.length;
    times.forEach((t, k) => {
      const u = k === times.length - 1 ? this.leading(steps.state(1)) : this.stateAt(steps, t);
      for (let j = 0; j < list.length; j++) samples[k][j] = list[j].valueAt(u, t);
    });
    return samples;
  }

  /** Has condition j one sign all along, and no dip that may reach zero? That is so in most steps, and quickly seen. */
  private staysAway(j: number, times: readonly number[], samples: readonly Float64Array[]): boolean {
    const sign = this.signs[j];
    if (sign === 0) return false;
    let [before, here] = [Infinity, sign * this.values[j]];
    for (let k = 0; k < samples.length; k++) {
      const next = sign * samples[k][j];
      if (!(next > 0)) return false;
      if (k > 0 && here < before && here < next) {
        // How far it would fall beside the middle one with the slopes on the other side, which a parabola does not.
        const ratio = (times[k + 1] - times[k]) / (times[k] - times[k - 1]);
        if ((before - here) * ratio + (next - here) / ratio > DEEP * here) return false;
      }
      before = here;
      here = next;
    }
    return here > END * before;
  }

  private stateAt(steps: TakenSteps, t: number): Float64Array {
    steps.interpolate(0, t, this.state);
    return this.state;
  }

  /** Is what is left of condition j at the end of a step rounding of the time? A stop may be where it is met. */
  private isMetAtEnd(j: number, samples: readonly Sample[]): boolean {
    const [before, end] = samples.slice(-2);
    const sign = this.nextSigns[j];
    if (sign === 0 || this.list[j].direction === sign) return false;
    const left = (end.value / (before.value - end.value)) * (end.t - before.t);
    return (
      Math.abs(left) <= AT_ONCE * Math.max(Math.abs(end.t), Math.abs(end.t - before.t)) && sign * (before.value - end.value) > 0
    );
  }

  /** Two neighbouring samples between which condition j is met; notes its sign at the last. */
  private firstBracket(j: number, [start, ...samples]: readonly Sample[]): [Sample, Sample] | undefined {
    const { direction } = this.list[j];
    let sign: number = this.signs[j];
    let before = start;
    for (const sample of samples) {
      const { value } = sample;
      if (sign === 0) {
        if (Math.abs(value) > this.residual[j]) sign = Math.sign(value);
        // It set out to the other side, and came back before it was seen there.
        if (this.ways[j] * sign < 0 && direction !== this.ways[j]) {
          this.isUnseen = true;
          return [start, start];
        }
      } else if (value * sign <= 0) {
        if (direction !== sign) return [before, sample];
        sign = Math.sign(value);
      }
      before = sample;
    }
    this.nextSigns[j] = sign;
    return undefined;
  }
}
