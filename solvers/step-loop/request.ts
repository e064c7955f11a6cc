/** What an integration is asked for. */
import type { AbortSignalLike } from "../../src/core/options/abort-signal.ts";
import type { Deadline } from "../../src/core/options/time-limit.ts";
import type { StepControl } from "../step/controller.ts";
import type { Condition } from "./conditions.ts";
import type { Stop } from "./stops.ts";
import type { TakenSteps, Watch } from "./taken-steps.ts";

/** When an event takes place. */
export interface EventMoment {
  readonly t: number;
  /** Which of the event's times it is. */
  readonly index: number;
  /** Where the solve goes on: behind t where the right-hand side switches there, too, which it has done then. */
  readonly start: number;
  /** False where another event has taken place at this time. */
  readonly isFirst: boolean;
}

/** A problem's events, each known by its index in the problem's list. */
export interface RequestedEvents {
  /** Times of those at given times, in the direction of integration; those at t1 and beyond do not take place. */
  readonly times: readonly number[];
  /** The event at each of them, and which of that event's times it is. */
  readonly which: ArrayLike<number>;
  readonly indices: ArrayLike<number>;
  /** Changes the state in place, if the event does; its first components are the problem's. */
  readonly apply: (event: number, u: Float64Array, moment: EventMoment) => void;
  /** Of the events of the state. */
  readonly conditions: readonly Condition[];
  /** Does an event change anything, and does the solve end there? */
  readonly changes: (event: number) => boolean;
  readonly ends: (event: number) => boolean;
}

export interface Progress {
  readonly t: number;
  /** Part of the time span done, 0 to 1. */
  readonly fraction: number;
  readonly steps: number;
}

export interface IntegrationRequest {
  readonly u0: Float64Array;
  readonly p: Float64Array;
  /** t1 may lie before t0. */
  readonly t0: number;
  readonly t1: number;
  readonly rtol: number;
  /** One for all components, or one each. */
  readonly atol: number | Float64Array;
  /** Times at which states are kept, in the direction of integration; "steps": at every step's end; absent: none. */
  readonly saveat?: ArrayLike<number> | "steps";
  /** Keep also the state at the time at which an event ends the solve, before that event. */
  readonly savesEnd?: boolean;
  /** Those that are no more than rounding behind an event of the state are of the state before it. */
  readonly savesAtEvents?: boolean;
  /** The components that are kept of them. Default: all. */
  readonly save?: ArrayLike<number>;
  /** Memory for those states, which need not be clean. Default: new. */
  readonly savedInto?: Float64Array;
  /** Keep every step for interpolation. */
  readonly dense?: boolean;
  /** Times at which the right-hand side may be another one: ends of steps, after which the solve begins anew. Others are ignored. */
  readonly stops?: ArrayLike<number>;
  /** Times, in the direction of integration, that are ends of steps and otherwise change nothing. */
  readonly ends?: ArrayLike<number>;
  /** With a mass matrix, where decisions on the state are held: its derivative, with these as they are held. */
  readonly velocity?: (u: Float64Array, t: number) => Float64Array;
  /** May change the state at a stop, in place. */
  readonly onStop?: (u: Float64Array, stop: Stop) => void;
  readonly events?: RequestedEvents;
  /** Length of the first step. Default: chosen from the derivatives. */
  readonly firstStep?: number;
  /** Steps under error control are no longer than this. */
  readonly maxStep?: number;
  /** Those that would have to be shorter than this end the integration. */
  readonly minStep?: number;
  /** How steps are judged and chosen. Default: the method's way. */
  readonly control?: StepControl;
  /** Steps tried, at most. Default 1e6. */
  readonly maxSteps?: number;
  /** Takes all steps of this length, without judging their error. Default: the method's own, if it has one. */
  readonly fixedStep?: number;
  /** Where a method is chosen: the relative tolerance below which an explicit one is of high order. Default: that of a plain solve. */
  readonly highOrderBelow?: number;
  /** Called after some steps, one at least. */
  readonly onSteps?: (steps: TakenSteps) => void;
  /** Looks on, and may throw. */
  readonly watch?: Watch;
  /** Called where the choice of the method begins again from the start: the steps until then do not count. */
  readonly onRestart?: () => void;
  readonly onProgress?: (progress: Progress) => void;
  readonly signal?: AbortSignalLike;
  readonly deadline?: Deadline;
}

/** Where an integration ends before its time, for the choice of the method that goes on. */
export interface Pausing {
  /**
   * With the result "stiff" where stability, not accuracy, limits an explicit method; and with some of the steps left where they do not
   * suffice, for the method that goes on.
   */
  readonly whenStiff?: boolean;
  /** With the result "stiff" before the first step, where that would be a small part of the time span. */
  readonly beforeShortSteps?: boolean;
  /** With the result "paused" after so many tries. */
  readonly after?: number;
}
