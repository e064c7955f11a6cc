/** Array literals of constants that are never written become constants of the program. */
import { blocksOf, type ArrayDeclaration, type Block, type Program } from "../ir.ts";

/** `literals`: what local arrays hold throughout. */
export function freeze(program: Program, literals: ReadonlyMap<ArrayDeclaration, Float64Array>): Program {
  if (literals.size === 0) return program;
  for (const [array, data] of literals) Object.assign(array, { role: "constant", data });
  dropStores(program.body, literals);
  return program;
}

/** The stores that gave the literals what they hold. */
function dropStores(block: Block, literals: ReadonlyMap<ArrayDeclaration, unknown>): void {
  const kept = block.instructions.filter((instruction) => !(instruction.kind === "store" && literals.has(instruction.array)));
  block.instructions.splice(0, block.instructions.length, ...kept);
  for (const instruction of kept) blocksOf(instruction).forEach((inner) => dropStores(inner, literals));
}
