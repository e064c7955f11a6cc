/** Programs that add to what they would otherwise fill. */
import { walk, type ArrayDeclaration, type Instruction, type Program } from "../ir/ir.ts";

/**
 * The program with an output that is added to: it is what the caller holds plus what the program without the change gives. Undefined
 * where the program does more with it than to fill it with zeros, first, and to add to it.
 */
export function addingTo(program: Program, name: string): Program | undefined {
  const output = program.arrays.find((array) => array.name === name && array.role === "output");
  if (!output) return undefined;
  const isZeroing = (i: Instruction): boolean => i.kind === "fill" && i.array === output && i.value.constant === 0;
  const zeroing = program.body.instructions.findIndex(isZeroing);
  if (zeroing < 0) return undefined;
  let isZero = false;
  for (const i of walk(program.body)) {
    if (i === program.body.instructions[zeroing]) isZero = true;
    else if ("array" in i && i.array === output && !(isZero && i.kind === "accumulate")) return undefined;
    if (i.kind === "call" && i.args.some((argument) => "array" in argument && argument.array === output)) return undefined;
  }
  return replaced(program, output, zeroing);
}

function replaced(program: Program, output: ArrayDeclaration, zeroing: number): Program {
  const inout: ArrayDeclaration = { ...output, role: "inout" };
  const swap = (array: ArrayDeclaration): ArrayDeclaration => (array === output ? inout : array);
  const inBlock = (instructions: readonly Instruction[]): Instruction[] =>
    instructions.map((i): Instruction => {
      if (i.kind === "accumulate") return { ...i, array: swap(i.array) };
      if (i.kind === "if") {
        return {
          ...i,
          then: { ...i.then, instructions: inBlock(i.then.instructions) },
          else: { ...i.else, instructions: inBlock(i.else.instructions) },
        };
      }
      if (i.kind === "for") return { ...i, body: { ...i.body, instructions: inBlock(i.body.instructions) } };
      if (i.kind === "while") {
        return {
          ...i,
          condition: { ...i.condition, instructions: inBlock(i.condition.instructions) },
          body: { ...i.body, instructions: inBlock(i.body.instructions) },
        };
      }
      return i;
    });
  const instructions = program.body.instructions.filter((_, k) => k !== zeroing);
  return {
    ...program,
    parameters: program.parameters.map((p) => (p.kind === "array" ? { ...p, array: swap(p.array) } : p)),
    arrays: program.arrays.map(swap),
    body: { ...program.body, instructions: inBlock(instructions) },
  };
}
