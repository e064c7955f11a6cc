/** States as they are kept outside of the step loop: u, f, and of the method's memory its history, the vectors before the numbers. */
import { copyNumbers } from "../../src/core/growing-array.ts";
import { noHistory, type StepPrograms } from "../step/builder.ts";

type Sizes = Pick<StepPrograms, "memorySize" | "workSize" | "history">;

/** The numbers in a state of n components. */
export function sizeOfState({ history = noHistory }: Pick<StepPrograms, "history">, n: number): number {
  return (2 + history.vectors) * n + history.numbers;
}

/** The numbers in what a step is taken again from. */
export function sizeOfCheckpoint(programs: Pick<StepPrograms, "history">, n: number): number {
  return programs.history ? sizeOfState(programs, n) : n;
}

/** Of a system of so many components, in slots of the step loop, the first n. */
export class KeptStates {
  readonly size: number;
  private readonly stride: number;

  constructor(
    private readonly programs: Sizes,
    private readonly components: number,
    private readonly n: number,
  ) {
    this.size = sizeOfState(programs, n);
    this.stride = 2 * components + programs.workSize + programs.memorySize;
  }

  /** Copies the state in a slot. */
  take(slots: Float64Array, slot: number, into: Float64Array, at = 0): void {
    this.pieces(slot, at, (from, to, count) => copyNumbers(slots, from, count, into, to));
  }

  /** Copies the state in a slot, and behind it so many stages of the step that begins there; of a system all of whose components are kept. */
  takeStep(slots: Float64Array, slot: number, stages: number, into: Float64Array, at: number): void {
    const start = slot * this.stride;
    const [ends, ofStages] = [2 * this.n, stages * this.n];
    if (this.size === ends) return copyNumbers(slots, start, ends + ofStages, into, at);
    this.take(slots, slot, into, at);
    copyNumbers(slots, start + ends, ofStages, into, at + this.size);
  }

  /** Copies the state in the second slot to the first, with all of its memory. */
  moveOn(slots: Float64Array): void {
    const { stride, components, programs } = this;
    copyNumbers(slots, stride, 2 * components, slots, 0);
    if (programs.memorySize > 0) copyNumbers(slots, this.memoryOf(1), programs.memorySize, slots, this.memoryOf(0));
  }

  /** What a step is taken again from: the state, or of a method without a history u alone, where it may as well begin anew. */
  checkpoint(slots: Float64Array, slot: number): Float64Array {
    const start = slot * this.stride;
    if (!this.programs.history) return slots.slice(start, start + this.n);
    const state = new Float64Array(this.size);
    this.take(slots, slot, state);
    return state;
  }

  /** Copies a checkpoint into the first slot; the rest of the memory is that of a method that has just begun. */
  begin(checkpoint: Float64Array, slots: Float64Array): void {
    const memory = this.memoryOf(0);
    if (this.programs.memorySize > 0) slots.fill(0, memory, memory + this.programs.memorySize);
    if (!this.programs.history) copyNumbers(checkpoint, 0, this.n, slots, 0);
    else this.pieces(0, 0, (from, to, count) => copyNumbers(checkpoint, to, count, slots, from));
  }

  private memoryOf(slot: number): number {
    return slot * this.stride + 2 * this.components + this.programs.workSize;
  }

  /** Tells where the pieces of a state lie in a slot, where they are kept, and how many numbers they are. */
  private pieces(slot: number, at: number, each: (from: number, to: number, count: number) => void): void {
    const { components, n, stride } = this;
    const { offset, numbers, vectors } = this.programs.history ?? noHistory;
    const start = slot * stride;
    each(start, at, n);
    each(start + components, at + n, n);
    const history = this.memoryOf(slot) + offset;
    for (let v = 0; v < vectors; v++) each(history + numbers + v * components, at + (2 + v) * n, n);
    each(history, at + (2 + vectors) * n, numbers);
  }
}
