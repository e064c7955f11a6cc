/**
 * The steps of a forward solve by one method, in memory: of each its times and, as long as they fit in the budget, the record that
 * its adjoint needs (u and f at its start, and the stages). When they no longer fit, checkpoints take their place: every k-th
 * step's u, k doubled whenever there are too many.
 */
import { GrowingArray } from "../../../solvers/growing.ts";
import type { Method } from "../../../solvers/method.ts";
import type { TakenSteps } from "../../../solvers/taken-steps.ts";
import { giveBack, spareNumbers } from "./spare.ts";

/** Bytes of a number. */
const NUMBER = 8;
/** Of the budget, for the records of steps computed again together. */
const BLOCK_SHARE = 1 / 4;

export interface Checkpoint {
  readonly step: number;
  readonly u: Float64Array;
}

export class RecordedSteps {
  /** Where steps begin and end, one more than there are steps. */
  readonly times: GrowingArray;
  /** u, f and stages of each step; of none once there are checkpoints. */
  readonly records: GrowingArray;
  checkpoints: Checkpoint[] | undefined;
  /** The state where the last step ended. */
  readonly final: Float64Array;
  private interval = 1;

  /** `recordSize`: numbers in a record. */
  constructor(
    readonly method: Method,
    private readonly n: number,
    readonly recordSize: number,
    private readonly budget: number,
  ) {
    this.times = new GrowingArray(spareNumbers());
    this.records = new GrowingArray(spareNumbers());
    this.final = new Float64Array(n);
  }

  get steps(): number {
    return Math.max(0, this.times.length - 1);
  }

  /** Steps that are computed again together, and kept. */
  get block(): number {
    return Math.max(1, Math.floor((this.budget * BLOCK_SHARE) / (this.recordSize * NUMBER)));
  }

  /** Checkpoints that fit beside a block of records; at least the first. */
  get slots(): number {
    const left = this.budget - this.block * this.recordSize * NUMBER;
    return Math.max(1, Math.floor(left / (this.n * NUMBER)));
  }

  /** Bytes held, besides the two times of each step. */
  get size(): number {
    return NUMBER * (this.records.length + (this.checkpoints?.length ?? 0) * this.n);
  }

  add(taken: TakenSteps): void {
    const { count } = taken;
    const first = this.steps;
    taken.appendTimesTo(this.times, first === 0);
    this.final.set(taken.state(count));
    if (!this.checkpoints && this.size + count * this.recordSize * NUMBER > this.budget) this.thin();
    if (!this.checkpoints) taken.appendTo(this.records);
    else for (let i = 0; i < count; i++) this.check(first + i, taken.state(i));
  }

  /** Nobody reads these steps again. */
  release(): void {
    giveBack(this.records.data);
    giveBack(this.times.data);
  }

  /** Goes over from records to checkpoints. */
  private thin(): void {
    this.checkpoints = [];
    const { data, length } = this.records;
    for (let step = 0; step * this.recordSize < length; step++)
      this.check(step, data.subarray(step * this.recordSize, step * this.recordSize + this.n));
    this.records.clear();
  }

  private check(step: number, u: Float64Array): void {
    if (step % this.interval !== 0) return;
    this.checkpoints!.push({ step, u: u.slice() });
    while (this.checkpoints!.length > this.slots) {
      this.interval *= 2;
      this.checkpoints = this.checkpoints!.filter((checkpoint) => checkpoint.step % this.interval === 0);
      if (this.checkpoints.length === 1) break;
    }
  }
}
