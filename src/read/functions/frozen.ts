/** Makes constants of the program of array literals of constants that are never written. */
import { isReadOnlyWritten } from "../../analysis/coverage.ts";
import { blocksOf, type ArrayDeclaration, type Block, type Instruction, type Program } from "../../ir/ir.ts";

/** `literals`: what local arrays hold throughout. */
export function freeze(program: Program, literals: ReadonlyMap<ArrayDeclaration, Float64Array>): Program {
  if (literals.size === 0) return program;
  for (const [array, data] of literals) Object.assign(array, { role: "constant", data });
  drop(program.body, (i) => i.kind === "store" && literals.has(i.array));
  return program;
}

/** Arrays of holes all of whose elements are written before they are read need not be filled with them. */
export function dropHoles(program: Program, arrays: readonly ArrayDeclaration[]): void {
  const filled = new Set(arrays.filter((array) => isReadOnlyWritten(program, array)));
  if (filled.size > 0) drop(program.body, (i) => i.kind === "fill" && filled.has(i.array) && Number.isNaN(i.value.constant));
}

function drop(block: Block, isNeedless: (i: Instruction) => boolean): void {
  const kept = block.instructions.filter((i) => !isNeedless(i));
  block.instructions.splice(0, block.instructions.length, ...kept);
  for (const instruction of kept) blocksOf(instruction).forEach((inner) => drop(inner, isNeedless));
}
