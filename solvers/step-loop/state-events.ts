/**
 * Events of the state within a loop over steps. Each step is looked at once it is taken: where it meets a condition it is dropped and taken
 * again, to end there. What the shorter step ends with need not be what the dense output of the longer one was, so the time is corrected
 * until the condition is zero to rounding where the step ends.
 */
import type { Conditions, Crossing } from "./conditions.ts";
import type { After } from "./missed-events.ts";
import type { Prepared } from "./prepare.ts";
import { real } from "./registers.ts";
import type { IntegrationRequest } from "./request.ts";
import type { Retake } from "./retake.ts";
import { gapAt } from "./stops.ts";
import type { TakenSteps } from "./taken-steps.ts";

/** What a look at a step says: it is kept; it is taken again; or a condition is met at its end, or where it begins and it is dropped. */
export type Look = "keep" | "again" | { readonly crossing: Crossing; readonly where: "end" | "start" };

/** Relative to t; a crossing that is nearer to where a step begins is there. */
export const MOVING_STEP = 2 ** -50;
export const ULP = 2 ** -52;
/** Corrections of a time. */
export const MOST_CORRECTIONS = 8;

/** A crossing that the present step is to end at. */
interface Aim {
  readonly crossing: Crossing;
  readonly t: number;
  readonly slope: number;
  readonly corrections: number;
  /** The end of the step within which it was found. */
  readonly limit: number;
  /** The step that ended elsewhere before: its end, and the condition there. */
  readonly before?: { readonly t: number; readonly value: number };
}

/** Relative to the time: how far it is gone on beyond a jump at first, and how much farther each time. */
export const LEAST_BEYOND = 2 ** -46;
export const BEYOND = 32;

/** Relative to the time: an event's is no more exact than rounding in the steps up to it leaves it, and times to save that are so near are its own. */
export const BEHIND = 2 ** -43;

/** What is no further is at t, where an event takes place. */
export function behind(t: number, { t0, t1 }: Pick<IntegrationRequest, "t0" | "t1">): number {
  return t + Math.sign(t1 - t0) * gapAt(t, t0, t1, BEHIND);
}

export class StateEvents {
  private aim: Aim | undefined;
  /** Was a step looked at that meets nothing, and that may still be dropped? */
  private isSeen = false;

  constructor(
    private readonly reals: Float64Array,
    private readonly retake: Retake,
    readonly conditions: Conditions,
  ) {}

  /** The solve begins at the state that is here, or goes on behind a jump, with the derivatives that are. */
  begin({ code: { here }, system }: Prepared, t: number, after: After): void {
    this.conditions.begin(here.state, t, after, system.mass ? undefined : here.slope);
  }

  /** To be followed by {@link accept} where the step is kept for all that others say. */
  look(steps: TakenSteps): Look {
    this.isSeen = false;
    if (steps.count === 0) return "keep";
    const { aim, conditions } = this;
    const [start, end] = [steps.time(0), steps.time(1)];
    if (aim?.t === end) {
      const next = aim.crossing.beyond === 0 ? this.corrected(aim, steps) : this.beyond(aim, steps);
      if (next) return this.again(start, next);
      const earlier = this.earlier(aim, steps);
      if (earlier) return this.again(start, earlier);
      this.aim = undefined;
      return { crossing: aim.crossing, where: "end" };
    }
    this.aim = undefined;
    const crossing = conditions.over(steps);
    if (!crossing) {
      this.isSeen = true;
      return "keep";
    }
    if (Math.abs(crossing.t - start) <= MOVING_STEP * Math.abs(start)) {
      this.retake.drop();
      return { crossing, where: "start" };
    }
    return this.again(start, { crossing, t: crossing.t, slope: crossing.slope, corrections: 0, limit: end });
  }

  accept(steps: TakenSteps): void {
    if (this.isSeen) this.conditions.accept(steps.state(1), steps.time(1));
  }

  /** Where the step is to end instead; undefined where its end will do. */
  private corrected({ crossing, t, slope, corrections, limit, before }: Aim, steps: TakenSteps): Aim | undefined {
    const value = this.conditions.valueAt(crossing.first, steps.state(1), t);
    const secant = before ? (value - before.value) / (t - before.t) : slope;
    const own = Number.isFinite(secant) && secant !== 0 ? secant : slope;
    const next = t - value / own;
    const isDone = corrections === MOST_CORRECTIONS || (before && Math.abs(value) > Math.abs(before.value) / 2);
    if (isDone || !(Math.abs(next - t) > ULP * Math.abs(t))) return undefined;
    // No farther than the step that was dropped first, and no nearer than halfway.
    const length = t - steps.time(0);
    if (!(Math.abs(next - t) < Math.abs(length) / 2)) return undefined;
    return { crossing, t: next, slope: own, corrections: corrections + 1, limit, before: { t, value } };
  }

  /** What the condition jumps at may be a little behind where the dense output has it: the event takes place where the state is beyond. */
  private beyond(aim: Aim, steps: TakenSteps): Aim | undefined {
    const { crossing, t, corrections, limit } = aim;
    const isBeyond = crossing.beyond * this.conditions.valueAt(crossing.first, steps.state(1), t) >= 0;
    if (isBeyond || t === limit) return undefined;
    const [length, left] = [t - steps.time(0), limit - t];
    const by = LEAST_BEYOND * BEYOND ** corrections * Math.max(Math.abs(t), Math.abs(length));
    return { ...aim, t: by < Math.abs(left) ? t + Math.sign(length) * by : limit, corrections: corrections + 1 };
  }

  /** What the step ends with is not what the longer one had there: another condition may be met within it, before that at its end. */
  private earlier({ crossing: { first }, corrections }: Aim, steps: TakenSteps): Aim | undefined {
    const [start, end] = [steps.time(0), steps.time(1)];
    const crossing = this.conditions.list.length > 1 ? this.conditions.over(steps) : undefined;
    if (!crossing || crossing.first === first || corrections >= MOST_CORRECTIONS) return undefined;
    const isEarlier = Math.abs(end - crossing.t) > LEAST_BEYOND * Math.max(Math.abs(end), Math.abs(end - start));
    const isBehind = Math.abs(crossing.t - start) > MOVING_STEP * Math.abs(start);
    if (!isEarlier || !isBehind) return undefined;
    return { crossing, t: crossing.t, slope: crossing.slope, corrections: corrections + 1, limit: end };
  }

  private again(start: number, aim: Aim): Look {
    this.retake.drop();
    this.aim = aim;
    this.reals[real.h] = aim.t - start;
    this.reals[real.stop] = aim.t;
    return "again";
  }
}
