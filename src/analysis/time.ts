/** Whether a program is autonomous. */
import { eliminate } from "../passes/eliminate.ts";
import { blocksOf, operandsOf, walk, type Program } from "../ir/ir.ts";

/** Does anything that matters use the scalar parameter `name` (the time)? */
export function usesTime(program: Program, name = "t"): boolean {
  const time = program.parameters.find((parameter) => parameter.kind === "scalar" && parameter.name === name);
  if (time?.kind !== "scalar") return false;
  const lean = eliminate(program);
  if (lean.result === time.value) return true;
  for (const instruction of walk(lean.body)) {
    if (operandsOf(instruction).includes(time.value)) return true;
    if (blocksOf(instruction).some((block) => block.yields.includes(time.value))) return true;
  }
  return false;
}
