/** The times at which states are saved, handed to the step loop in chunks: its memory holds so many and no more. */
import type { Prepared } from "./prepare.ts";
import { integer } from "./registers.ts";
import type { Trajectory } from "./trajectory.ts";

/** More than there are times. */
const NEVER = 2 ** 31 - 1;

export class SaveChunks {
  /** Of the times: the first that is not in memory or saved yet, and how many are in memory. */
  private next = 0;
  private chunk = 0;

  constructor(
    private readonly prepared: Prepared,
    private readonly times: ArrayLike<number>,
    /** 1 or -1. */
    private readonly direction: number,
    private readonly trajectory: Trajectory,
  ) {}

  /** Leaves out the times up to t, which were saved before. */
  skip(t: number): void {
    while (this.isDue(t)) this.next++;
  }

  /** Saves what is due up to t, where the state is what it is at the beginning of the next step. */
  saveHere(t: number): void {
    if (!this.isDue(t)) return;
    for (; this.isDue(t); this.next++) this.trajectory.save(this.times[this.next], this.prepared.code.here.state);
    this.fill();
  }

  private isDue(t: number): boolean {
    return this.next < this.times.length && this.direction * (this.times[this.next] - t) <= 0;
  }

  /** Takes the states out that were saved; of the times there are more within the last step if the chunk was too small. */
  take(): void {
    const { trajectory, times } = this;
    const { code } = this.prepared;
    const { integers, saved } = code.view;
    for (;;) {
      const count = integers[integer.nextSave];
      trajectory.keep(saved, 0, count);
      for (let k = 0; k < count; k++) trajectory.savedTimes.push(times[this.next + k]);
      this.next += count;
      const isUsedUp = count === this.chunk && this.next < times.length;
      this.fill();
      if (!isUsedUp) return;
      code.save();
    }
  }

  /** Puts the next times in memory, behind them one that never comes. */
  fill(): void {
    const { saveTimes, integers } = this.prepared.code.view;
    const left = this.times.length - this.next;
    this.chunk = Math.min(left, this.prepared.programs.saves);
    for (let k = 0; k < this.chunk; k++) saveTimes[k] = this.times[this.next + k];
    saveTimes[this.chunk] = this.direction * Infinity;
    integers[integer.nextSave] = 0;
    integers[integer.pauseAtSave] = left > this.chunk ? this.chunk : NEVER;
  }
}
