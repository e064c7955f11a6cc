/**
 * The steps of a forward solve by one method, in memory: of each its times and, as long as they fit in the budget, the record that
 * its adjoint needs (u and f at its start, and the stages). When they no longer fit, checkpoints take their place: every k-th
 * step's u, k doubled whenever there are too many. What memory the records leave is for the factors of the first steps' matrices.
 */
import { GrowingArray } from "../../../src/core/growing-array.ts";
import type { Method } from "../../../solvers/step/method.ts";
import type { TakenSteps } from "../../../solvers/step-loop/taken-steps.ts";
import { releaseNumbers, takeNumbers } from "./number-pool.ts";

/** Bytes of a number. */
const NUMBER = 8;
/** Of the budget, for the records of steps computed again together. */
const BLOCK_SHARE = 1 / 4;

/** Numbers in the factors of a matrix, at least; fewer are made again in the time that keeping them takes. */
const LEAST_FACTORS = 2 ** 10;

/** Numbers that are kept of each step: its record, and the factors of its matrix where they are worth it. */
export interface StepSizes {
  readonly record: number;
  readonly factors: number;
}

/** Of so many in the factors of a step's matrix. */
export function numbersKept(factors: number): number {
  return factors < LEAST_FACTORS ? 0 : factors;
}

export interface Checkpoint {
  readonly step: number;
  readonly u: Float64Array;
}

export class RecordedSteps {
  /** Where steps begin and end, one more than there are steps. */
  readonly times: GrowingArray;
  /** u, f and stages of each step; of none once there are checkpoints. */
  readonly records: GrowingArray;
  /** Those of the first steps, as long as they fit beside the records. */
  readonly factors: Float64Array[] = [];
  checkpoints: Checkpoint[] | undefined;
  /** The state where the last step ended. */
  readonly final: Float64Array;
  private interval = 1;
  private keepsFactors: boolean;

  /** n: components of the state, which what was solved begins with. */
  constructor(
    readonly method: Method,
    private readonly n: number,
    readonly sizes: StepSizes,
    private readonly budget: number,
  ) {
    this.times = new GrowingArray(takeNumbers());
    this.records = new GrowingArray(takeNumbers());
    this.final = new Float64Array(n);
    this.keepsFactors = sizes.factors > 0;
  }

  get recordSize(): number {
    return this.sizes.record;
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
    const factors = this.factors.length * this.sizes.factors;
    return NUMBER * (this.records.length + factors + (this.checkpoints?.length ?? 0) * this.n);
  }

  add(taken: TakenSteps): void {
    const { count } = taken;
    const first = this.steps;
    taken.appendTimesTo(this.times, first === 0);
    this.final.set(taken.state(count).subarray(0, this.n));
    if (!this.checkpoints && !this.makeRoom(count * this.recordSize)) this.thin();
    if (!this.checkpoints) {
      taken.appendTo(this.records, this.n);
      for (let i = 0; i < count && this.keepsFactors; i++) this.keepFactors(taken, i);
    } else for (let i = 0; i < count; i++) this.check(first + i, taken.state(i).subarray(0, this.n));
  }

  /** Nobody reads these steps again. */
  release(): void {
    releaseNumbers(this.records.data);
    releaseNumbers(this.times.data);
  }

  /** Lets go of factors, the last first, until so many numbers fit; says whether they do. */
  private makeRoom(numbers: number): boolean {
    for (; !this.fits(numbers) && this.factors.length > 0; this.factors.pop()) this.keepsFactors = false;
    return this.fits(numbers);
  }

  private fits(numbers: number): boolean {
    return this.size + numbers * NUMBER <= this.budget;
  }

  private keepFactors(taken: TakenSteps, i: number): void {
    this.keepsFactors = this.fits(this.sizes.factors);
    if (this.keepsFactors) this.factors.push(taken.factors(i, this.sizes.factors));
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
