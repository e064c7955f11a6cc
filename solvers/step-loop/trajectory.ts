/** What an integration leaves behind. */
import { ComponentSizes } from "./component-sizes.ts";
import type { Conditions } from "./conditions.ts";
import { DenseOutput } from "./dense-output.ts";
import { copyNumbers, GrowingArray } from "../../src/core/growing-array.ts";
import type { MissedEvent } from "./missed-events.ts";
import type { IntegrationRequest } from "./request.ts";
import { emptyStatistics, type Statistics } from "./statistics.ts";
import type { Method } from "../step/method.ts";
import type { FailedStep } from "../step/verdict.ts";

export type ResultKind =
  | "success"
  | "tooManySteps"
  | FailedStep
  | "nonFiniteJacobian"
  | "endlessEvents"
  | "slidingMode"
  | "aborted"
  | "outOfTime"
  | "stiff"
  | "paused";

/** How an integration ended. */
export interface Result {
  readonly kind: ResultKind;
  /** Where, and with which step (signed). */
  readonly t: number;
  readonly h: number;
  /** Index of the first component whose derivative, or of "nonFiniteJacobian" an entry of its row, is not finite. */
  readonly component?: number;
  /** Of "nonFiniteJacobian": by which component; absent where it is the derivative by t. */
  readonly by?: number;
  /** Of "endlessEvents": the index of the event that took place last, where it is one. */
  readonly event?: number;
  /** Of "slidingMode", and of "endlessEvents" where the right-hand side switches: the index of its decision. */
  readonly decision?: number;
  /** Did stability, at times, hold the method back? Of an explicit method that was watched for it. */
  readonly strained?: boolean;
}

/** An event that took place, with the states before and after it, or a time at which the right-hand side may become another one. */
export interface Jump {
  readonly t: number;
  /** Where the step before ends, and where the next one begins. */
  readonly end: number;
  readonly start: number;
  /** The event's index in the problem's list; undefined of a time at which the right-hand side may become another one. */
  readonly event: number | undefined;
  /** Which of the event's times it is; of an event of the state, how often it took place before. */
  readonly index: number;
  /** False where another event has taken place at this time. */
  readonly isFirst: boolean;
  /** Does the solve end here? */
  readonly ends: boolean;
  readonly before: Float64Array;
  readonly after: Float64Array;
}

/** Decisions of the right-hand side that switched, where nothing else took place. */
export interface BranchSwitch extends Pick<Jump, "t" | "end" | "start"> {
  /** Their indices among those that are held. */
  readonly which: readonly number[];
  readonly state: Float64Array;
  /** And behind it: another one where algebraic components jump. */
  readonly behind: Float64Array;
  /** The derivative on both sides; and whether that, or the state, jumps. */
  readonly before: Float64Array;
  readonly after: Float64Array;
  readonly jumps: boolean;
}

/** How the decisions of the right-hand side that are held turn out from a time on. */
export interface BranchModes {
  readonly t: number;
  readonly modes: Float64Array;
  /** The event that made them so, where one did. */
  readonly event: EventKind | undefined;
}

/** At a time that was given, or where a condition was met. */
export type EventKind = "timed" | "met";

/** A jump of the first n components. */
export function leadingOf(jump: Jump, n: number): Jump {
  return { ...jump, before: jump.before.subarray(0, n), after: jump.after.subarray(0, n) };
}

export class Trajectory {
  /** Ends of the accepted steps, the start first. */
  readonly times: number[];
  /** The components that are kept of saved states; undefined: all. */
  kept: ArrayLike<number> | undefined;
  /** Times asked for by `saveat`, and what is kept of the states there, one after the other. */
  readonly savedTimes: number[];
  readonly savedStates: GrowingArray;
  /** Every step's record, where the whole solution was asked for. */
  readonly dense: DenseOutput | undefined;
  /** In the order of integration. */
  readonly jumps: Jump[] = [];
  /** Of right-hand sides whose decisions are held. */
  readonly switches: BranchSwitch[] = [];
  readonly branchModes: BranchModes[] = [];
  /** Were they let go on the way, so that what switched later is not known? */
  released = false;
  /** What is known of the conditions of events of the state where it ended. */
  conditions: Conditions | undefined;
  sizes: ComponentSizes;
  /** The state where the integration ended. */
  readonly final: Float64Array;
  readonly statistics: Statistics;
  /** Time spent integrating. */
  seconds = 0;
  /** What was asked for when it began, and of the method that came last; for the post-mortem of a failure. */
  request: IntegrationRequest | undefined;
  method: Method | undefined;
  result: Result = { kind: "success", t: NaN, h: NaN };

  /** `saved`: memory for the states that will be kept; it grows. `whole`: one that this is a part of, of the same times and work. */
  constructor(
    readonly n: number,
    dense: boolean,
    saved: Float64Array,
    whole?: Trajectory,
  ) {
    this.times = whole?.times ?? [];
    this.savedTimes = whole?.savedTimes ?? [];
    this.statistics = whole?.statistics ?? emptyStatistics();
    this.dense = whole ? whole.dense : dense ? new DenseOutput(n) : undefined;
    this.savedStates = new GrowingArray(saved);
    this.sizes = whole?.sizes.leading(n) ?? new ComponentSizes(new Float64Array(n));
    this.final = new Float64Array(n);
  }

  /** Events that did not take place though their conditions got to the other side. */
  get missed(): readonly MissedEvent[] {
    return this.conditions?.missed.found ?? [];
  }

  /** Did an event end it? */
  get terminated(): boolean {
    return this.jumps.at(-1)?.ends ?? false;
  }

  /** That of the first n components; `saved`: memory as for the constructor. It shares what is the same, and the dense output. */
  leading(n: number, saved: Float64Array): Trajectory {
    if (n === this.n) return this;
    const part = new Trajectory(n, false, saved, this);
    part.savedStates.appendHeads(this.savedStates.data, 0, n, this.n, this.savedTimes.length);
    for (const jump of this.jumps) part.jumps.push(leadingOf(jump, n));
    copyNumbers(this.final, 0, n, part.final, 0);
    part.seconds = this.seconds;
    part.method = this.method;
    part.conditions = this.conditions;
    part.result = this.result;
    // Only a post-mortem asks for it, and spreading it takes microseconds.
    if (this.request && this.result.kind !== "success") {
      const { u0, atol } = this.request;
      const own = { u0: u0.subarray(0, n), atol: typeof atol === "number" ? atol : atol.subarray(0, n) };
      part.request = { ...this.request, ...own };
    }
    return part;
  }

  /** Of so many states, one after the other from `offset` on, what is kept of each. */
  keep(data: Float64Array, offset: number, states: number): void {
    const { kept, n, savedStates } = this;
    if (kept) savedStates.appendPicked(data, offset, kept, n, states);
    else savedStates.append(data, offset, states * n);
  }

  /** The state lies at `offset` of `data`. */
  save(t: number, data: Float64Array, offset = 0): void {
    this.savedTimes.push(t);
    this.keep(data, offset, 1);
  }
}

/** An empty one of n components for a request. */
export function newTrajectory(n: number, { dense = false, saveat = [], save, savedInto }: IntegrationRequest): Trajectory {
  const memory = saveat === "steps" ? 0 : saveat.length * (save?.length ?? n);
  const trajectory = new Trajectory(n, dense, savedInto ?? new Float64Array(memory));
  trajectory.kept = save;
  return trajectory;
}
