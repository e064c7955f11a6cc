/** What is derived of a program, made when it is first asked for, and kept with the program. */
import { sparsityOf, type SparsityPattern } from "../analysis/sparsity.ts";
import { Builder } from "../ir/builder.ts";
import { inline } from "../ir/clone.ts";
import type { ArrayArgument, Program, Value } from "../ir/ir.ts";
import { forward } from "./forward.ts";
import { jacobianOf, outputOf, timeDerivativeOf, type JacobianProgram } from "./jacobian.ts";
import { reverse } from "./reverse.ts";

/** Inputs are named as the program names them; what is asked for together is one program. */
export class ProgramDerivatives {
  private readonly made = new Map<string, unknown>();

  constructor(private readonly program: Program) {}

  /** One directional derivative: the program's parameters, then of each input its tangent, then the output's (see {@link forward}). */
  jvp(wrt: readonly string[]): Program {
    return this.once(`jvp ${wrt}`, () => forward(this.program, { wrt }));
  }

  /** The product of a cotangent with the Jacobian by each input (see {@link reverse}). */
  vjp(wrt: readonly string[], tapeCapacity?: number): Program {
    return this.once(`vjp ${wrt} ${tapeCapacity ?? ""}`, () => reverse(this.program, { wrt, tapeCapacity }));
  }

  /** The Jacobian by one input; of a program that returns a number it has one row. */
  jacobian(input: string): JacobianProgram {
    return this.once(`jacobian ${input}`, () => jacobianOf(this.vector, input));
  }

  /** The pattern of the Jacobian, where its values are not asked for. */
  pattern(input: string): SparsityPattern {
    return this.once(`pattern ${input}`, () => sparsityOf(this.vector, outputOf(this.vector).name, input));
  }

  /** As (output ft, and the program's inputs); undefined where nothing varies with t. */
  get timeDerivative(): Program | undefined {
    return this.once("time", () => timeDerivativeOf(this.vector));
  }

  /** The program, with its result as an output of one number where it has one. */
  private get vector(): Program {
    return this.program.result ? this.once("vector", () => asVector(this.program)) : this.program;
  }

  private once<T>(key: string, make: () => T): T {
    if (!this.made.has(key)) this.made.set(key, make());
    return this.made.get(key) as T;
  }
}

const cache = new WeakMap<Program, ProgramDerivatives>();

export function derivativesOf(program: Program): ProgramDerivatives {
  let derivatives = cache.get(program);
  if (!derivatives) cache.set(program, (derivatives = new ProgramDerivatives(program)));
  return derivatives;
}

function asVector(program: Program): Program {
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
}
