import { Builder } from "../../src/ir/builder.ts";
import { isProgram, type External, type Program } from "../../src/ir/ir.ts";

/** A program as it is, and a function of the host as a program that does nothing but call it. */
export function asProgram(callee: Program | External): Program {
  if (isProgram(callee)) return callee;
  const b = new Builder(`call_${callee.name}`);
  const args = callee.parameters.map((parameter) => {
    if (parameter.kind === "scalar") return b.scalarParameter(parameter.name);
    const { name, size, role } = parameter.array;
    return { array: b.arrayParameter(name, size, role as "input" | "output"), offset: b.i32(0) };
  });
  b.call(callee, args);
  return b.finish();
}
