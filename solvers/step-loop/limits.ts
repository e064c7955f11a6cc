/** How long an integration may go on: steps, time, and the caller's signal; progress is told on the way. */
import { Pace } from "../../src/core/pace.ts";
import type { IntegrationRequest, Pausing, Progress } from "./request.ts";
import type { ResultKind } from "./trajectory.ts";

export const DEFAULT_MAX_STEPS = 1e6;
/** Of the steps allowed, for an explicit method before it is asked whether stability holds it back. */
const WATCHED_SHARE = 0.9;
/** Steps tried between two times that progress is told. */
const PROGRESS_INTERVAL = 64;
/** Of an i32. */
const ALL = 2 ** 31 - 1;

export class Limits {
  private readonly maxSteps: number;
  private readonly pace: Pace | undefined;

  constructor(
    private readonly request: IntegrationRequest,
    private readonly pausing: Pausing,
    private readonly progress: () => Progress,
  ) {
    const { maxSteps = DEFAULT_MAX_STEPS, deadline } = request;
    this.maxSteps = pausing.whenStiff ? Math.ceil(WATCHED_SHARE * maxSteps) : maxSteps;
    this.pace = deadline === undefined ? undefined : new Pace();
  }

  /** After so many steps tried: those that may be tried until the next look at time, or why there are none. */
  after(tries: number): number | ResultKind {
    const { request, pausing, pace } = this;
    const { onProgress, signal, deadline } = request;
    const { after: pauseAfter = Infinity } = pausing;
    if (tries === this.maxSteps) return "tooManySteps";
    if (tries >= pauseAfter) return "paused";
    const left = Math.min(this.maxSteps - tries, pauseAfter - tries, ALL);
    if (!onProgress && !signal && !pace) return left;
    const due = tries % PROGRESS_INTERVAL === 0;
    if (due) onProgress?.(this.progress());
    // How often time is looked at must not decide where a solve that is cut short by count ends.
    if ((due || !pace) && signal?.aborted) return "aborted";
    if (deadline?.isOver) return "outOfTime";
    return Math.min(left, PROGRESS_INTERVAL - (tries % PROGRESS_INTERVAL), pace?.pieces ?? Infinity);
  }

  /** To be called after each run of the step loop. */
  look(): void {
    this.pace?.look();
  }
}
