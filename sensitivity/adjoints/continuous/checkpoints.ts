/** Checkpoints: states of the forward solve from which it can begin again. Their number is bounded, whatever the number of steps. */
import type { Jump } from "../../../solvers/step-loop/trajectory.ts";

/** The number of checkpoints at which every second one is dropped. */
const MOST = 64;

/** A state from which the solution goes on smoothly. */
export interface Checkpoint {
  readonly t: number;
  readonly state: Float64Array;
  /** The time at which the stretch before it ends; t by default. */
  readonly end?: number;
}

/** Keeps the end of every k-th step, where k is doubled whenever there are too many. */
export class Checkpoints {
  private kept: Checkpoint[] = [];
  private interval = 1;
  private steps = 0;

  get bytes(): number {
    return this.kept.reduce((sum, { state }) => sum + state.byteLength, 0);
  }

  observe(t: number, state: Float64Array): void {
    if (++this.steps % this.interval !== 0) return;
    if (this.kept.length === MOST) {
      this.kept = this.kept.filter((_, i) => i % 2 === 1);
      this.interval *= 2;
    }
    this.kept.push({ t, state: state.slice() });
  }

  /**
   * The starts of the stretches that the solution is cut into, in its order: its own start, checkpoints, and states after events. The last
   * of several events at once counts.
   */
  starts(start: Checkpoint, end: number, jumps: readonly Jump[]): readonly Checkpoint[] {
    const direction = Math.sign(end - start.t);
    const byTime = new Map<number, Checkpoint>();
    for (const checkpoint of [start, ...this.kept]) if (checkpoint.t !== end) byTime.set(checkpoint.t, checkpoint);
    for (const { start: t, end: ended, after, ends } of jumps) {
      if (ends) continue;
      const end = byTime.get(t)?.end ?? ended;
      byTime.set(t, { t, end, state: after });
    }
    return [...byTime.values()].sort((a, b) => direction * (a.t - b.t));
  }
}
