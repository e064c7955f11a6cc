/** Computing both branches of a condition and selecting one, where that is cheaper than branching. */
import type { Block } from "./ir.ts";
import { scalarOperations } from "./scalar-operations.ts";

/** About the price of a mispredicted branch. */
const SPECULATION_LIMIT = 8;

/** May both blocks be computed, whichever is needed? Loads only where they are in bounds whatever the condition. */
export function isSpeculative(...blocks: readonly Block[]): boolean {
  let cost = 0;
  for (const block of blocks) {
    for (const instruction of block.instructions) {
      if (instruction.kind === "let") {
        const operation = scalarOperations[instruction.operation];
        if (!operation.speculative) return false;
        cost += operation.cost;
      } else if (instruction.kind === "load") {
        if (instruction.index.min < 0 || instruction.index.max >= instruction.array.size) return false;
        cost += 1;
      } else return false;
    }
  }
  return cost <= SPECULATION_LIMIT;
}
