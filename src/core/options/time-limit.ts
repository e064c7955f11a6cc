/** `maxTime`: how long a verb may take. */
import type { Check } from "./check.ts";
import { positive } from "./kinds.ts";

export interface TimeLimit {
  /** Milliseconds that the call may take, looked at between steps; a function of the user's is never interrupted. Default: Infinity. */
  readonly maxTime?: number;
}

export const maxTime: Check = positive;

/** When work has to end, on the clock of `performance.now`. */
export class Deadline {
  private end = 0;

  constructor(private readonly maxTime: number) {
    this.begin();
  }

  /** The time begins now. */
  begin(): void {
    this.end = performance.now() + this.maxTime;
  }

  get isOver(): boolean {
    return performance.now() >= this.end;
  }

  /** For a call within the call: what is left, as its options. */
  get left(): TimeLimit {
    return { maxTime: Math.max(Number.MIN_VALUE, this.end - performance.now()) };
  }
}

/** Of a call that begins now. */
export function deadlineOf({ maxTime }: TimeLimit): Deadline | undefined {
  return maxTime === undefined ? undefined : new Deadline(maxTime);
}
