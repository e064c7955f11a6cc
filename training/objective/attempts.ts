/** Evaluations of a misfit at points where the model may have none. */
import type { AbortSignalLike } from "../../src/core/options/abort-signal.ts";
import { AdjointFailed, NonFinite } from "../../src/core/errors.ts";
import { breathe } from "../../src/devices/device.ts";
import { SolveFailed } from "../../solvers/solution/errors.ts";
import { BadPrediction } from "./errors.ts";

/** Milliseconds after which others get their turn of the event loop. */
const TURN = 50;

/** Those of one verb, whatever misfits it is about. */
export class Attempts {
  /** How many there were. */
  count = 0;
  /** How many had no value. */
  failures = 0;
  /** Why the last point that had no value has none. */
  failure: unknown;
  private breathed = performance.now();

  constructor(private readonly signal: AbortSignalLike | undefined) {}

  /**
   * A point at which the model cannot be solved, or predicts what cannot be, or which is so far off that it overflows on a parameter's scale,
   * has no value; other errors are for the user to mend.
   */
  async at<T extends { readonly value: number }>(none: T, evaluate: () => T | Promise<T>): Promise<T> {
    this.signal?.throwIfAborted();
    if (performance.now() - this.breathed > TURN) {
      await breathe(this.signal);
      this.breathed = performance.now();
    }
    this.count++;
    try {
      const found = await evaluate();
      if (Number.isFinite(found.value)) return found;
      this.failure = `the misfit is ${found.value}: what the model predicts is too far from the data`;
    } catch (error) {
      if (![SolveFailed, AdjointFailed, BadPrediction, NonFinite].some((kind) => error instanceof kind)) throw error;
      this.failure = error;
    }
    this.failures++;
    return none;
  }
}
