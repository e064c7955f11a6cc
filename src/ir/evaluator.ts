/** Runs programs, instruction by instruction, on values of some kind: numbers, or what is known of them. */
import type { Block, Carried, For, Instruction, Value, While } from "./ir.ts";

export abstract class Evaluator<T> {
  protected readonly values = new Map<Value, T>();

  protected abstract value(value: Value): T;

  protected abstract instruction(i: Instruction): void;

  /** Returns what the block yields. */
  protected block(block: Block): T[] {
    for (const instruction of block.instructions) this.instruction(instruction);
    return block.yields.map((value) => this.value(value));
  }

  protected bind(to: readonly Value[], values: readonly T[]): void {
    to.forEach((value, k) => this.values.set(value, values[k]));
  }

  /** Before the first iteration of a loop. */
  protected enter({ carried }: For | While): void {
    const initial = carried.map((c) => this.value(c.initial));
    this.bind(phisOf(carried), initial);
  }

  protected iteration({ carried, body }: For | While): void {
    this.bind(phisOf(carried), this.block(body));
  }

  /** After the last iteration. */
  protected leave({ carried, results }: For | While): void {
    const last = carried.map((c) => this.value(c.phi));
    this.bind(results, last);
  }
}

function phisOf(carried: readonly Carried[]): Value[] {
  return carried.map((c) => c.phi);
}
