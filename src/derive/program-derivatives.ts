/** What is derived of a program, made when it is first asked for, and kept with the program. */
import { memo } from "../core/memo.ts";
import { sparsityOf, type SparsityPattern } from "../analysis/sparsity.ts";
import { Builder } from "../ir/builder.ts";
import { inline } from "../ir/clone.ts";
import type { ArrayArgument, Program, Value } from "../ir/ir.ts";
import { forward } from "./forward.ts";
import { jacobianOf, outputOf, timeDerivativeOf, type JacobianProgram } from "./jacobian.ts";
import { reverse } from "./reverse.ts";

/** Inputs are named as the program names them; what is asked for together is one program. */
export class ProgramDerivatives {
  constructor(private readonly program: Program) {}

  /** One directional derivative: the program's parameters, then of each input its tangent, then the output's (see {@link forward}). */
  readonly jvp = memo((wrt: readonly string[]): Program => forward(this.program, { wrt }), { by: (wrt) => wrt });

  /** The product of a cotangent with the Jacobian by each input (see {@link reverse}). */
  readonly vjp = memo((wrt: readonly string[], tapeCapacity?: number): Program => reverse(this.program, { wrt, tapeCapacity }), {
    by: (wrt, tapeCapacity?: number) => [tapeCapacity, ...wrt],
  });

  /** The Jacobian by one input; of a program that returns a number it has one row. */
  readonly jacobian = memo((input: string): JacobianProgram => jacobianOf(vectorOf(this.program), input));

  /** The pattern of the Jacobian, where its values are not asked for. */
  readonly pattern = memo((input: string): SparsityPattern => {
    const vector = vectorOf(this.program);
    return sparsityOf(vector, outputOf(vector).name, input);
  });

  /** As (output ft, and the program's inputs); undefined where nothing varies with t. */
  get timeDerivative(): Program | undefined {
    return timeDerivative(vectorOf(this.program));
  }
}

export const derivativesOf = memo((program: Program): ProgramDerivatives => new ProgramDerivatives(program));

/**
 * The derivative of a vjp along a direction: as `jvp` of its program, without what the program returns, which is whether its tape sufficed
 * (see {@link reverse}).
 */
export const vjpAlong = memo((vjp: Program, wrt: readonly string[]): Program => forward({ ...vjp, result: undefined }, { wrt }), {
  by: (vjp, wrt) => [vjp, ...wrt],
});

const timeDerivative = memo(timeDerivativeOf);

/** The program, with its result as an output of one number where it has one. */
function vectorOf(program: Program): Program {
  return program.result ? asVector(program) : program;
}

const asVector = memo((program: Program): Program => {
  const b = new Builder(program.name);
  const value = b.arrayParameter("value", 1, "output");
  const args = program.parameters.map((parameter): ArrayArgument | Value => {
    if (parameter.kind === "array") {
      const { name, size, role, element } = parameter.array;
      return { array: b.arrayParameter(name, size, role as "input", element), offset: b.i32(0) };
    }
    const { type, min, max } = parameter.value;
    return b.scalarParameter(parameter.name, type, min, max);
  });
  b.store(value, b.i32(0), inline(b, program, args)!);
  return b.finish();
});
