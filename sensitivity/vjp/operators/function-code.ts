/** A function y = f(x, …) as backends see functions: x is their u, the further arguments are their p, and there is no time. */
import { memo } from "../../../src/core/memo.ts";
import { pack, unpack } from "../../../src/arrays/pack.ts";
import { ProblemCode } from "../../../src/problem/code.ts";
import { Builder } from "../../../src/ir/builder.ts";
import { inline } from "../../../src/ir/clone.ts";
import type { ArrayArgument, ArrayDeclaration, Program } from "../../../src/ir/ir.ts";
import { Operator } from "../../../src/problem/operator.ts";
import { operators } from "../../../src/problem/operators.ts";
import type { Frame, PlainFunction } from "../../../src/problem/plain-operator.ts";
import { readingOf, type Reading } from "../../../src/read/index.ts";
import type { DerivativesRequest } from "./derivatives.ts";

export function functionCode(request: DerivativesRequest): ProblemCode {
  const [u0, ...rest] = request.inputs;
  const from = { u0, p: Float64Array.from(rest.flatMap((input) => [...input])), tspan: [0, 1] } as const;
  const rhs = new FunctionOperator(request, () => [[from.u0, from.p, 0]]);
  return new ProblemCode({ rhs }, undefined, from);
}

class FunctionOperator extends Operator {
  constructor(
    private readonly request: DerivativesRequest,
    points: () => readonly (readonly [Float64Array, Float64Array, number])[],
  ) {
    const { fn, definition, signature } = request;
    // Constants and rules of its own come with the function itself.
    super(operators.rhs, {
      fn: fn as PlainFunction,
      name: definition.name,
      spaces: { u: signature.inputs[0], p: signature.rest, du: signature.output },
      constants: undefined,
      points,
    });
  }

  /** (output du, input u, input p, scalar t), as of a right-hand side. */
  override read(): Reading {
    const { fn, signature } = this.request;
    const reading = readingOf({
      fn,
      name: this.name,
      parameters: signature.inputs.map((layout, k) => ({ kind: "layout", name: `x${k}`, layout, role: "input" })),
      returns: { kind: "layout", name: "y", layout: signature.output },
      samples: this.samples,
    });
    return reading.with(withOneParameter(reading.program, signature));
  }

  override argumentsOf([u, p]: readonly unknown[]): unknown[] {
    return [u, ...Object.values(p as object)];
  }

  override argumentsIn({ args }: Frame): unknown[] {
    return this.argumentsOf(args);
  }

  override over({ inputs, value }: Frame): void {
    const { spaces, output, name } = this;
    const args = this.argumentsOf([unpack(spaces.u, inputs[0] as Float64Array), unpack(spaces.p, inputs[1] as Float64Array)]);
    pack(output.layout, this.fn(...args), `the value of ${name}`, value);
  }
}

const withOneParameter = memo(
  (program: Program, { inputs: [u], rest, output }: DerivativesRequest["signature"]): Program => {
    const b = new Builder(program.name);
    const arrays = {
      y: b.arrayParameter("du", output.size, "output"),
      x0: b.arrayParameter("u", u.size, "input"),
      p: b.arrayParameter("p", rest.size, "input"),
    };
    b.scalarParameter("t");
    const args = program.parameters.map((parameter): ArrayArgument => {
      const { name } = (parameter as { array: ArrayDeclaration }).array;
      if (name === "y" || name === "x0") return { array: arrays[name], offset: b.i32(0) };
      return { array: arrays.p, offset: b.i32(rest.fields[name].offset) };
    });
    inline(b, program, args);
    return b.finish();
  },
  { by: (program) => [program] },
);
