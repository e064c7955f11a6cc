/** Makes the programs of derivatives that a function takes of another, `gradientOf(f)` and its kin, of the other's program. */
import { sizeOf } from "../../arrays/shape.ts";
import type { DerivativeOperator } from "../../operations/definitions.ts";
import { forward } from "../../derive/forward.ts";
import { reverse } from "../../derive/reverse.ts";
import { ShapeMismatch, UnsupportedValue } from "../../core/errors.ts";
import { Builder } from "../../ir/builder.ts";
import type { ArrayArgument, ArrayDeclaration, Program } from "../../ir/ir.ts";
import type { Variable } from "./arguments.ts";

export interface Compiled {
  readonly program: Program;
  readonly result: Variable;
}

/** Operators whose second argument is a direction or a cotangent, not an argument of the function. */
const directed: ReadonlySet<DerivativeOperator["kind"]> = new Set(["jvp", "vjp", "hessianVectorProduct"]);

/** The arguments that the function itself gets. */
export function argumentsOfFunction<T>({ kind }: DerivativeOperator, args: readonly T[]): readonly T[] {
  return directed.has(kind) ? args.filter((_, k) => k !== 1) : args;
}

/** (inputs x0, x1, … of the arguments, output y), of the function's program (inputs x0, …, output y). */
export function derivativeProgram(name: string, operator: DerivativeOperator, args: readonly Variable[], of: Compiled): Compiled {
  return new DerivativeProgram(name, operator, args, of).build();
}

class DerivativeProgram {
  private readonly b: Builder;
  /** Numbers in the first argument, and in the function's result. */
  private readonly n: number;
  private readonly m: number;
  private readonly inputs: readonly ArrayDeclaration[];
  private readonly out: Variable;
  private readonly y: ArrayDeclaration;

  constructor(
    private readonly name: string,
    private readonly operator: DerivativeOperator,
    args: readonly Variable[],
    private readonly of: Compiled,
  ) {
    const b = (this.b = new Builder(name));
    const [x] = args;
    const { result } = of;
    this.n = sizeOf(x.shape);
    this.m = sizeOf(result.shape);
    this.inputs = args.map((arg, k) => b.arrayParameter(`x${k}`, sizeOf(arg.shape), "input"));
    const matrix = (rows: number): Variable => ({ shape: [rows, this.n], container: "ndarray" });
    this.out = {
      gradientOf: x,
      vjp: x,
      hessianVectorProduct: x,
      derivative: result,
      jvp: result,
      jacobian: matrix(this.m),
      hessian: matrix(this.n),
    }[operator.kind];
    this.y = b.arrayParameter("y", sizeOf(this.out.shape), "output");
  }

  build(): Compiled {
    const { inputs, y } = this;
    const { kind } = this.operator;
    if (this.m !== 1 && ["gradientOf", "hessian", "hessianVectorProduct"].includes(kind)) {
      throw new ShapeMismatch(
        `${this.name}: the function returns ${this.m} components, not one number. Use jacobian, jvp or vjp.`,
      );
    }
    switch (kind) {
      case "gradientOf":
        this.call(this.pullback(), this.filled("one", 1, 1), y);
        break;
      case "vjp":
        this.call(this.pullback(), inputs[1], y);
        break;
      case "derivative":
        this.tangent(this.filled("one", 1, 1), y);
        break;
      case "jvp":
        this.tangent(inputs[1], y);
        break;
      case "hessianVectorProduct":
        this.gradientAlong(inputs[1], y);
        break;
      case "jacobian":
        this.byColumns(this.m, (unit, column) => this.tangent(unit, column));
        break;
      case "hessian":
        this.byColumns(this.n, (unit, column) => this.gradientAlong(unit, column));
    }
    return { program: this.b.finish(), result: this.out };
  }

  /** Calls a program that is derived of the function's: with the function's own arguments, then these. */
  private call(derived: Program, ...arrays: readonly ArrayDeclaration[]): void {
    const { b } = this;
    const own = argumentsOfFunction(this.operator, this.inputs);
    b.call(
      derived,
      [...own, ...arrays].map((array): ArrayArgument => ({ array, offset: b.i32(0) })),
    );
  }

  private filled(as: string, size: number, value: number): ArrayDeclaration {
    const array = this.b.localArray(as, size);
    this.b.fill(array, this.b.f64(value));
    return array;
  }

  private pullback(): Program {
    return withoutTape(reverse(this.of.program, { wrt: ["x0"] }), this.name);
  }

  private tangent(direction: ArrayDeclaration, into: ArrayDeclaration): void {
    this.call(forward(this.of.program, { wrt: ["x0"] }), this.b.localArray("value", this.m), direction, into);
  }

  /** The derivative of the gradient along a direction. */
  private gradientAlong(direction: ArrayDeclaration, into: ArrayDeclaration): void {
    const derived = forward(this.pullback(), { wrt: ["x0"] });
    this.call(derived, this.filled("one", 1, 1), this.b.localArray("gradient", this.n), direction, into);
  }

  /** A matrix, column by column. */
  private byColumns(rows: number, along: (unit: ArrayDeclaration, column: ArrayDeclaration) => void): void {
    const { b, n, y } = this;
    const [unit, column] = [b.localArray("unit", n), b.localArray("column", rows)];
    b.for(b.i32(0), b.i32(n), 1, [], (j) => {
      b.fill(unit, b.f64(0));
      b.store(unit, j, b.f64(1));
      along(unit, column);
      b.for(b.i32(0), b.i32(rows), 1, [], (i) => {
        b.store(y, b.operation("i32.add", b.operation("i32.mul", i, b.i32(n)), j), b.load(column, i));
        return [];
      });
      return [];
    });
  }
}

function withoutTape(program: Program, name: string): Program {
  if (!program.result) return program;
  throw new UnsupportedValue(
    `${name}: the function has a loop whose length the data decide, and such are not differentiated within another function. ` +
      `Write the loop with a fixed number of iterations, or take jvp, derivative or jacobian.`,
  );
}
