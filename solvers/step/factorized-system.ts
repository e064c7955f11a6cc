/** W = d I − J, or d M − J, factorized within a step: by calls of the solver that fits J's pattern, or written out for a few unknowns. */
import type { Value } from "../../src/ir/ir.ts";
import { linearSolverFor } from "../linear/linear-solver.ts";
import { smallLU } from "../linear/small-lu.ts";
import { shiftedSystem } from "../linear/shifted-system.ts";
import type { Slice, StepBuilder } from "./builder.ts";
import type { System } from "./system.ts";

export type Jacobian = NonNullable<System["jacobian"]>;

export interface FactorizedSystem {
  /** Whether the factorization succeeded. */
  readonly regular: Value;
  /** x of W x = rhs. */
  solve(x: Slice, rhs: Slice): void;
}

/** Numbers in the factors that {@link factorize} leaves. */
export function sizeOfFactors({ pattern, blocks, mass }: Jacobian): number {
  return linearSolverFor(pattern, blocks, mass).size;
}

/** By a call of the solver that fits the pattern; returns whether it succeeded. */
export function factorize(b: StepBuilder, jacobian: Jacobian, values: Slice, d: Value, factors: Slice): Value {
  const [diagonal, status] = [b.localArray("diagonal", 1), b.localArray("status", 1)];
  b.store(diagonal, b.i32(0), d);
  const whole = (array: Slice["array"]): Slice => ({ array, offset: 0 });
  b.call(
    shiftedSystem(jacobian).factor,
    [values, whole(diagonal), factors, whole(status)].map((x) => b.slice(x)),
  );
  return b.operation("eq", b.load(status, b.i32(0)), b.f64(0));
}

/** By the factors of {@link factorize}. */
export function solveBy(b: StepBuilder, jacobian: Jacobian, values: Slice, factors: Slice, x: Slice, rhs: Slice): void {
  b.call(
    shiftedSystem(jacobian).solve,
    [values, factors, rhs, x].map((slice) => b.slice(slice)),
  );
}

/** By {@link factorize} and {@link solveBy}. */
export function calledSystem(b: StepBuilder, jacobian: Jacobian, values: Slice, d: Value, factors: Slice): FactorizedSystem {
  return {
    regular: factorize(b, jacobian, values, d, factors),
    solve: (x, rhs) => solveBy(b, jacobian, values, factors, x, rhs),
  };
}

/** Written out, for a few unknowns. */
export function smallSystem(b: StepBuilder, { pattern, transposed, mass }: Jacobian, values: Slice, d: Value): FactorizedSystem {
  const { columns, columnPointers, rowIndices } = pattern;
  const matrix = Array.from({ length: columns }, (_, r) =>
    Array.from({ length: columns }, (_, c) => (r === c && !mass ? d : b.f64(0))),
  );
  for (let column = 0; column < columns; column++) {
    for (let e = columnPointers[column]; e < columnPointers[column + 1]; e++) {
      const [r, c] = transposed ? [column, rowIndices[e]] : [rowIndices[e], column];
      const entry = b.get(b.element(values, b.i32(e)));
      matrix[r][c] = b.operation("sub", mass && mass[e] !== 0 ? b.times(d, mass[e]) : matrix[r][c], entry);
    }
  }
  const factors = smallLU(b, matrix);
  return {
    regular: factors.regular,
    solve(x, rhs) {
      const given = matrix.map((_, i) => b.get(b.element(rhs, b.i32(i))));
      factors.solve(given).forEach((value, i) => b.set(b.element(x, b.i32(i)), value));
    },
  };
}
