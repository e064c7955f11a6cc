/**
 * The steps of a forward solve by one method, in memory. They have their times and, as long as they fit in the budget, the records that
 * their adjoints need (the state at the start, and the stages). When the records no longer fit, checkpoints take their place: the state at
 * every k-th step, where k is doubled whenever there are too many; of a method without a history u alone, from which it begins anew. The
 * memory that records leave is for the factors of the first steps' matrices. For what is kept of a state see
 * solvers/step-loop/kept-states.ts.
 */
import { GrowingArray } from "../../../src/core/growing-array.ts";
import type { Method } from "../../../solvers/step/method.ts";
import type { TakenSteps } from "../../../solvers/step-loop/taken-steps.ts";
import { TANGENT_INTERVAL } from "./amplification.ts";
import { giveNumbers, numberPool, takeNumbers } from "./number-pool.ts";

/** The bytes of a number. */
const NUMBER = 8;
/** The part of the budget for the records of steps that are computed again together. */
const BLOCK_SHARE = 1 / 4;

/** As many as most solves take, at least. */
const FEW_STEPS = 16;

/** The least number of entries in factors that are kept; fewer are made again in the time that keeping them takes. */
const LEAST_FACTORS = 2 ** 10;

/** The numbers that are kept of each step: its state, a checkpoint or its record, and the factors of its matrix where they are worth it. */
export interface StepSizes {
  readonly state: number;
  readonly checkpoint: number;
  readonly record: number;
  readonly factors: number;
}

/** How many of so many numbers in the factors of a step's matrix are kept: all or none. */
export function numbersKept(factors: number): number {
  return factors < LEAST_FACTORS ? 0 : factors;
}

/** The state at the start of a step, as far as it is kept. */
export interface Checkpoint {
  readonly step: number;
  readonly state: Float64Array;
}

const NONE = new Float64Array(0);

export class RecordedSteps {
  /** The times at which steps begin and end, one more than there are steps. */
  readonly times: GrowingArray;
  /** The state and the stages of each step; empty once there are checkpoints. */
  readonly records: GrowingArray;
  /** The factors of the first steps, as long as they fit beside the records; empty where none are kept. */
  readonly factors: GrowingArray;
  /** Of what carries a tangent: that of each TANGENT_INTERVAL-th step, as long as there are records. It takes less than a hundredth of their memory. */
  readonly tangents = new GrowingArray();
  checkpoints: Checkpoint[] | undefined;
  /** The state at the end of the last step. */
  final: Float64Array = NONE;
  private interval = 1;
  private keepsFactors: boolean;

  /** What was solved begins with the n components of the state. */
  constructor(
    readonly method: Method,
    private readonly n: number,
    readonly sizes: StepSizes,
    private readonly budget: number,
  ) {
    this.times = new GrowingArray(numberPool.take());
    const most = budget / NUMBER;
    this.records = new GrowingArray(undefined, () => takeNumbers(FEW_STEPS * sizes.record, most));
    this.factors = new GrowingArray(undefined, () => takeNumbers(FEW_STEPS * sizes.factors, most));
    this.keepsFactors = sizes.factors > 0;
  }

  get recordSize(): number {
    return this.sizes.record;
  }

  get steps(): number {
    return Math.max(0, this.times.length - 1);
  }

  /** The number of steps that are computed again together, and kept. */
  get block(): number {
    return Math.max(1, Math.floor((this.budget * BLOCK_SHARE) / (this.recordSize * NUMBER)));
  }

  /** The number of checkpoints that fit beside a block of records; at least one. */
  get slots(): number {
    const left = this.budget - this.block * this.recordSize * NUMBER;
    return Math.max(1, Math.floor(left / (this.sizes.checkpoint * NUMBER)));
  }

  /** The bytes held, besides the two times of each step. */
  get size(): number {
    return NUMBER * (this.records.length + this.factors.length + (this.checkpoints?.length ?? 0) * this.sizes.checkpoint);
  }

  add(taken: TakenSteps): void {
    const { count } = taken;
    const first = this.steps;
    taken.appendTimesTo(this.times, first === 0);
    this.final = taken.keptState(count, this.n);
    if (!this.checkpoints && !this.makeRoom(count * this.recordSize)) this.thin();
    if (!this.checkpoints) {
      this.keepTangents(taken, first);
      taken.appendTo(this.records, this.n);
      for (let i = 0; i < count && this.keepsFactors; i++) this.keepFactors(taken, i);
    } else for (let i = 0; i < count; i++) this.check(first + i, () => taken.checkpoint(i, this.n));
  }

  /** Gives back the memory of steps that nobody reads again. */
  release(): void {
    giveNumbers(this.factors.data);
    giveNumbers(this.records.data);
    numberPool.give(this.times.data);
  }

  /** Drops factors, the last first, until so many numbers fit, and returns whether they do. */
  private makeRoom(numbers: number): boolean {
    while (!this.fits(numbers) && this.factors.length > 0) {
      this.keepsFactors = false;
      this.factors.truncate(this.factors.length - this.sizes.factors);
    }
    return this.fits(numbers);
  }

  private fits(numbers: number): boolean {
    return this.size + numbers * NUMBER <= this.budget;
  }

  private keepTangents(taken: TakenSteps, first: number): void {
    const { n } = this;
    const isFirst = first % TANGENT_INTERVAL;
    for (let i = isFirst === 0 ? 0 : TANGENT_INTERVAL - isFirst; i < taken.count; i += TANGENT_INTERVAL) {
      const state = taken.state(i);
      if (state.length >= 2 * n) this.tangents.append(state, n, n);
    }
  }

  private keepFactors(taken: TakenSteps, i: number): void {
    this.keepsFactors = this.fits(this.sizes.factors);
    if (this.keepsFactors) taken.appendFactorsTo(this.factors, i, this.sizes.factors);
  }

  /** Changes from records to checkpoints. */
  private thin(): void {
    this.checkpoints = [];
    const { data, length } = this.records;
    for (let step = 0; step * this.recordSize < length; step++)
      this.check(step, () => data.slice(step * this.recordSize, step * this.recordSize + this.sizes.checkpoint));
    this.records.clear();
    this.tangents.clear();
  }

  private check(step: number, stateThere: () => Float64Array): void {
    if (step % this.interval !== 0) return;
    this.checkpoints!.push({ step, state: stateThere() });
    while (this.checkpoints!.length > this.slots) {
      this.interval *= 2;
      this.checkpoints = this.checkpoints!.filter((checkpoint) => checkpoint.step % this.interval === 0);
      if (this.checkpoints.length === 1) break;
    }
  }
}
