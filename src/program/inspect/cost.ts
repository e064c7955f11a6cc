/** What one call of a program costs, estimated from the operations table. */
import { isProgram, type Block, type Instruction, type Program } from "../ir.ts";
import { tripCount } from "../builder.ts";
import { scalarOperations } from "../operations/scalar.ts";

/** A load or a store that hits the cache, in ns. */
const MEMORY = 1;
/** A call to the host. */
const EXTERNAL = 20;
/** Iterations of a loop whose count is not known. */
const UNKNOWN_TRIPS = 10;

/** Estimated nanoseconds of one call. A branch counts as the mean of its two sides. */
export function costOf(program: Program): number {
  return costOfBlock(program.body);
}

function costOfBlock(block: Block): number {
  return block.instructions.reduce((sum, instruction) => sum + costOfInstruction(instruction), 0);
}

function costOfInstruction(i: Instruction): number {
  switch (i.kind) {
    case "let":
      return scalarOperations[i.operation].cost;
    case "load":
    case "store":
      return MEMORY;
    case "accumulate":
      return 2 * MEMORY;
    case "fill":
      return (MEMORY * i.array.size) / 4;
    case "if":
      return 0.5 + (costOfBlock(i.then) + costOfBlock(i.else)) / 2;
    case "for":
      return (tripCount(i.from, i.to, i.step) ?? UNKNOWN_TRIPS) * costOfBlock(i.body);
    case "while":
      return UNKNOWN_TRIPS * (costOfBlock(i.condition) + costOfBlock(i.body));
    case "call":
      return isProgram(i.callee) ? costOf(i.callee) : EXTERNAL;
  }
}
