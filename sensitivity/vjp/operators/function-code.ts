/** A function y = f(x, …) as backends see functions: x is their u, the further arguments are their p, and there is no time. */
import { pack, unpack } from "../../../src/arrays/pack.ts";
import { keptWith, ProblemCode, type PlainFunction } from "../../../src/problem/code.ts";
import { Builder } from "../../../src/ir/builder.ts";
import { inline } from "../../../src/ir/clone.ts";
import type { ArrayArgument, ArrayDeclaration, Program } from "../../../src/ir/ir.ts";
import { readingOf, type Reading } from "../../../src/read/index.ts";
import type { DerivativesRequest } from "./derivatives.ts";

export class FunctionCode extends ProblemCode {
  constructor(private readonly request: DerivativesRequest) {
    const { fn, definition, signature, inputs } = request;
    const [u0, ...rest] = inputs;
    // Constants and rules of its own come with the function itself.
    super(
      { rhs: fn as PlainFunction },
      { u: signature.inputs[0], p: signature.rest },
      undefined,
      false,
      definition.name,
      signature.output,
      { u0, p: Float64Array.from(rest.flatMap((input) => [...input])), tspan: [0, 1] },
    );
  }

  /** (output du, input u, input p, scalar t), as of a right-hand side. */
  protected override readRhs(): Reading {
    const { fn, signature } = this.request;
    const reading = readingOf({
      fn,
      name: this.name,
      parameters: signature.inputs.map((layout, k) => ({ kind: "layout", name: `x${k}`, layout, role: "input" })),
      returns: { kind: "layout", name: "y", layout: this.output },
      samples: this.samples,
    });
    return reading.with(keptWith(reading.program, "with one parameter", () => this.withOneParameter(reading.program)));
  }

  override argumentsOf(u: unknown, p: unknown): unknown[] {
    return [u, ...Object.values(p as object)];
  }

  override plainOver(du: Float64Array, u: Float64Array, p: Float64Array): void {
    const { output, layout, name } = this;
    const args = this.argumentsOf(unpack(layout.u, u), unpack(layout.p, p));
    pack(output, this.functions.rhs(...args), `the value of ${name}`, du);
  }

  private withOneParameter(program: Program): Program {
    const b = new Builder(program.name);
    const { u, p } = this.layout;
    const arrays = {
      y: b.arrayParameter("du", this.output.size, "output"),
      x0: b.arrayParameter("u", u.size, "input"),
      p: b.arrayParameter("p", p.size, "input"),
    };
    b.scalarParameter("t");
    const args = program.parameters.map((parameter): ArrayArgument => {
      const { name } = (parameter as { array: ArrayDeclaration }).array;
      if (name === "y" || name === "x0") return { array: arrays[name], offset: b.i32(0) };
      return { array: arrays.p, offset: b.i32(this.request.signature.rest.fields[name].offset) };
    });
    inline(b, program, args);
    return b.finish();
  }
}
