/** Programs without calls of others: the bodies replace the calls. */
import type { Builder } from "../ir/builder.ts";
import { Clone, inline, rebuild } from "../ir/clone.ts";
import { isProgram, walk, type Instruction, type Program } from "../ir/ir.ts";

/** Leaves the calls of programs that `keeps` tells, and of the host. */
export function inlineCalls(program: Program, keeps: (callee: Program) => boolean): Program {
  for (const i of walk(program.body)) {
    if (i.kind === "call" && isProgram(i.callee) && !keeps(i.callee)) return rebuild(program, (b) => new Inliner(b, keeps));
  }
  return program;
}

class Inliner extends Clone {
  constructor(
    b: Builder,
    private readonly keeps: (callee: Program) => boolean,
  ) {
    super(b);
  }

  override instruction(i: Instruction): void {
    if (i.kind !== "call" || !isProgram(i.callee) || this.keeps(i.callee)) return super.instruction(i);
    const result = inline(this.b, i.callee, this.callArguments(i), new Inliner(this.b, this.keeps));
    if (i.result) this.values.set(i.result, result!);
  }
}
