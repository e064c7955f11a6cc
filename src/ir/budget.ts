/**
 * Loops of users that may not end have a budget of operations, for nothing else stops compiled code. It is that of the outermost of
 * them, with all that runs within; where it is over, the loop is named.
 */
import { memo } from "../core/memo.ts";
import { EndlessLoop } from "../core/errors.ts";
import { tripCount } from "./builder.ts";
import {
  isProgram,
  walk,
  type Block,
  type External,
  type For,
  type Instruction,
  type Program,
  type Value,
  type While,
} from "./ir.ts";
import { scalarOperations } from "./scalar-operations.ts";
import { placeOf } from "../core/source-location.ts";

/** A second of work or two; a right-hand side that takes as much for one call solves nothing. */
export const MOST_OPERATIONS = 2 ** 28;
/** Where one invocation takes as long as thirty on a processor, and drivers end what takes seconds. */
export const MOST_OPERATIONS_ON_GPU = 2 ** 26;
/** Where programs are interpreted, a hundred times as slow. */
export const MOST_OPERATIONS_INTERPRETED = 2 ** 24;

/** A loop that runs no more often cannot take long. */
const MANY_ITERATIONS = 2 ** 24;

/** May a loop from one integer to another run very often? */
export function mayIterateOften(from: Pick<Value, "min" | "max">, to: Pick<Value, "min" | "max">): boolean {
  return Math.max(to.max, from.max) - Math.min(to.min, from.min) > MANY_ITERATIONS;
}

/** Has the program such a loop? */
export const mayNotEnd = memo((program: Program): boolean => walk(program.body).some(isEndless));

function isEndless(i: Instruction): boolean {
  if (i.kind === "call") return isProgram(i.callee) && mayNotEnd(i.callee);
  return (i.kind === "for" || i.kind === "while") && i.mayNotEnd === true;
}

/** Throws {@link EndlessLoop}. */
export function outOfBudget({ source }: For | While, name: string, most = MOST_OPERATIONS): External {
  const call = (): never => {
    throw new EndlessLoop({
      ...placeOf(source, name),
      construct: "loop",
      what: `this loop had not ended after ${most} operations of one call`,
      remedy:
        "A step may try any state: give the loop a condition that is met for all of them, or bound its iterations, " +
        "`for (let k = 0; k < 100; k++)` with a `break` where it has converged.",
    });
  };
  return { name: "outOfBudget", parameters: [], call };
}

/** Operations of one iteration: as the operations table counts them, without those of loops within that have the budget to themselves. */
export function operationsOfIteration(loop: For | While): number {
  const operations = 1 + operationsOf(loop.body) + (loop.kind === "while" ? operationsOf(loop.condition) : 0);
  return Math.min(Math.ceil(operations), MOST_OPERATIONS);
}

function operationsOf({ instructions }: Block): number {
  return instructions.reduce((sum, i) => sum + operationsOfOne(i), 0);
}

function operationsOfOne(i: Instruction): number {
  switch (i.kind) {
    case "let":
      return Math.max(1, scalarOperations[i.operation].cost);
    case "fill":
      return i.array.size;
    case "if":
      return 1 + Math.max(operationsOf(i.then), operationsOf(i.else));
    case "for":
      return i.mayNotEnd ? 1 : 1 + (tripCount(i.from, i.to, i.step) ?? 1) * operationsOfIteration(i);
    case "while":
      return i.mayNotEnd ? 1 : 1 + operationsOfIteration(i);
    case "call":
      return isProgram(i.callee) ? 1 + operationsOf(i.callee.body) : 100;
    default:
      return 1;
  }
}
