/** Derivatives that a function takes of another: `gradientOf(f)` and its kin, as programs made of the other's. */
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
export function derivativeProgram(
  name: string,
  { kind }: DerivativeOperator,
  args: readonly Variable[],
  { program, result }: Compiled,
): Compiled {
  const [x] = args;
  const [n, m] = [sizeOf(x.shape), sizeOf(result.shape)];
  const b = new Builder(name);
  const inputs = args.map((arg, k) => b.arrayParameter(`x${k}`, sizeOf(arg.shape), "input"));
  const own = argumentsOfFunction({ kind } as DerivativeOperator, inputs);
  const matrix = (rows: number): Variable => ({ shape: [rows, n], container: "ndarray" });
  const out: Variable = {
    gradientOf: x,
    vjp: x,
    hessianVectorProduct: x,
    derivative: result,
    jvp: result,
    jacobian: matrix(m),
    hessian: matrix(n),
  }[kind];
  const y = b.arrayParameter("y", sizeOf(out.shape), "output");
  const call = (derived: Program, ...arrays: readonly ArrayDeclaration[]): void =>
    void b.call(
      derived,
      [...own, ...arrays].map((array): ArrayArgument => ({ array, offset: b.i32(0) })),
    );
  const filled = (as: string, size: number, value: number): ArrayDeclaration => {
    const array = b.localArray(as, size);
    b.fill(array, b.f64(value));
    return array;
  };
  const tangent = (direction: ArrayDeclaration, into: ArrayDeclaration): void =>
    call(forward(program, { wrt: ["x0"] }), b.localArray("value", m), direction, into);
  const pullback = (): Program => withoutTape(reverse(program, { wrt: ["x0"] }), name);
  const gradientAlong = (direction: ArrayDeclaration, into: ArrayDeclaration): void =>
    call(forward(pullback(), { wrt: ["x0"] }), filled("one", 1, 1), b.localArray("gradient", n), direction, into);
  /** Column by column. */
  const byColumns = (rows: number, along: typeof tangent): void => {
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
  };
  if (m !== 1 && ["gradientOf", "hessian", "hessianVectorProduct"].includes(kind)) {
    throw new ShapeMismatch(`${name}: the function returns ${m} components, not one number. Use jacobian, jvp or vjp.`);
  }
  switch (kind) {
    case "gradientOf":
      call(pullback(), filled("one", 1, 1), y);
      break;
    case "vjp":
      call(pullback(), inputs[1], y);
      break;
    case "derivative":
      tangent(filled("one", 1, 1), y);
      break;
    case "jvp":
      tangent(inputs[1], y);
      break;
    case "hessianVectorProduct":
      gradientAlong(inputs[1], y);
      break;
    case "jacobian":
      byColumns(m, tangent);
      break;
    case "hessian":
      byColumns(n, gradientAlong);
  }
  return { program: b.finish(), result: out };
}

function withoutTape(program: Program, name: string): Program {
  if (!program.result) return program;
  throw new UnsupportedValue(
    `${name}: the function has a loop whose length the data decide, and such are not differentiated within another function. ` +
      `Write the loop with a fixed number of iterations, or take jvp, derivative or jacobian.`,
  );
}
