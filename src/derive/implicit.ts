/** Rules of functions given by equations, by the implicit function theorem. */
import { InternalError, UnsupportedValue } from "../core/errors.ts";
import { forward } from "./forward.ts";
import { outputOf } from "./jacobian.ts";
import { reverse } from "./reverse.ts";
import { Builder } from "../ir/builder.ts";
import type { ArrayArgument, ArrayDeclaration, Program, Rules } from "../ir/ir.ts";
import { factorization, solveFactored } from "../operations/linear.ts";

/**
 * For `solution` (inputs x..., output y) and `residual` (input x0, which is y; inputs of the same arguments, each a number
 * further; output y, which is the residual r).
 */
export function implicitRules(solution: Program, residual: Program): Rules {
  const sizes = new Map(arraysOf(solution).map(({ name, size }) => [name, size]));
  const n = sizes.get("y")!;
  if (outputOf(residual).size !== n)
    throw new UnsupportedValue(
      `${residual.name} must have as many components as the solution, ${n}. Return one equation an unknown.`,
    );
  const shifted = (names: readonly string[]): string[] => names.map((name) => `x${Number(name.slice(1)) + 1}`);
  const begin = (mode: string): Equations => new Equations(`${solution.name}_${mode}`, solution, residual, n);
  return {
    inert: [],
    decides: residual,
    jvp: (active) => {
      const e = begin("jvp");
      const { b } = e;
      const tangents = active.map((name) => b.arrayParameter(`${name}_dot`, sizes.get(name)!, "input"));
      const yDot = b.arrayParameter("y_dot", n, "output");
      const [r, rDot] = [b.localArray("r", n), b.localArray("r_dot", n)];
      b.call(forward(residual, { wrt: shifted(active) }), [...e.inputs, r, ...tangents, rDot].map(e.whole));
      e.negate(rDot);
      e.solve(rDot, yDot, true);
      return b.finish();
    },
    vjp: (active) => {
      const e = begin("vjp");
      const { b } = e;
      const yBar = b.arrayParameter("y_bar", n, "input");
      const gradients = active.map((name) => b.arrayParameter(`${name}_bar`, sizes.get(name)!, "inout"));
      const lambda = b.localArray("lambda", n);
      e.solve(yBar, lambda, false);
      e.negate(lambda);
      const pullback = reverse(residual, { wrt: shifted(active) });
      if (pullback.result)
        throw new UnsupportedValue(
          `${residual.name} has a loop whose length the arguments decide. Write it with a fixed number of iterations.`,
        );
      const parts = gradients.map((gradient) => b.localArray("part", gradient.size));
      b.call(pullback, [...e.inputs, lambda, ...parts].map(e.whole));
      gradients.forEach((gradient, k) =>
        b.for(b.i32(0), b.i32(gradient.size), 1, [], (i) => (b.accumulate(gradient, i, b.load(parts[k], i)), [])),
      );
      return b.finish();
    },
  };
}

function arraysOf({ name, parameters }: Program): ArrayDeclaration[] {
  return parameters.map((p) => {
    if (p.kind !== "array") throw new InternalError(`${name}: a scalar parameter`);
    return p.array;
  });
}

/** A rule that begins with the Jacobian of the residual in y, factorized. */
class Equations {
  readonly b: Builder;
  /** What belongs to the residual. */
  readonly inputs: readonly ArrayDeclaration[];
  /** (∂r/∂y)ᵀ, row-major: forward mode gives it column by column. */
  private readonly matrix: ArrayDeclaration;
  private readonly factors: ArrayDeclaration;

  constructor(
    name: string,
    solution: Program,
    residual: Program,
    private readonly n: number,
  ) {
    const b = new Builder(name);
    this.b = b;
    const given = arraysOf(solution).map(({ name, size }) => b.arrayParameter(name, size, "input"));
    this.inputs = [given.at(-1)!, ...given.slice(0, -1)];
    const identity = Float64Array.from({ length: n * n }, (_, i) => Number(i % (n + 1) === 0));
    const directions = b.constantArray("directions", identity);
    this.matrix = b.localArray("jacobian", n * n);
    this.factors = b.localArray("factors", n * (n + 1));
    const r = b.localArray("r", n);
    const jacobian = forward(residual, { wrt: ["x0"], chunk: n });
    b.call(jacobian, [...this.inputs, r, directions, this.matrix].map(this.whole));
    b.call(factorization(n), [this.matrix, this.factors].map(this.whole));
  }

  readonly whole = (array: ArrayDeclaration): ArrayArgument => ({ array, offset: this.b.i32(0) });

  solve(right: ArrayDeclaration, into: ArrayDeclaration, transposed: boolean): void {
    this.b.call(solveFactored(this.n, 1, transposed), [this.matrix, this.factors, right, into].map(this.whole));
  }

  negate(array: ArrayDeclaration): void {
    const { b } = this;
    b.for(b.i32(0), b.i32(array.size), 1, [], (i) => (b.store(array, i, b.operation("neg", b.load(array, i))), []));
  }
}
