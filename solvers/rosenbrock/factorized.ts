/** The linear systems of a step: d I − J (or its transpose), factorized within the step's program. */
import type { Value } from "../../src/program/ir.ts";
import { linearSolverFor } from "../linear/linear-solver.ts";
import { smallLU } from "../linear/small-lu.ts";
import type { Slice, StepBuilder } from "../step.ts";
import type { System } from "../system.ts";

export type Jacobian = NonNullable<System["jacobian"]>;

export interface FactorizedSystem {
  /** Whether the factorization succeeded. */
  readonly regular: Value;
  /** Puts the solution in the place of the right-hand side. */
  solve(vector: Slice): void;
}

/** By calls of the solver that fits the pattern. */
export function calledSystem(
  b: StepBuilder,
  { pattern, blocks, transposed }: Jacobian,
  values: Slice,
  d: Value,
): FactorizedSystem {
  const linear = linearSolverFor(pattern, blocks);
  const factors = { array: b.localArray("factors", linear.size), offset: b.i32(0) };
  const status = b.call(linear.factor, [b.slice(values), factors, d])!;
  return {
    regular: b.operation("eq", status, b.f64(0)),
    solve: (vector) => void b.call(transposed ? linear.solveTransposed : linear.solve, [factors, b.slice(vector)]),
  };
}

/** Written out, for a few unknowns. */
export function smallSystem(b: StepBuilder, { pattern, transposed }: Jacobian, values: Slice, d: Value): FactorizedSystem {
  const { columns, columnPointers, rowIndices } = pattern;
  const matrix = Array.from({ length: columns }, (_, r) => Array.from({ length: columns }, (_, c) => (r === c ? d : b.f64(0))));
  for (let column = 0; column < columns; column++) {
    for (let e = columnPointers[column]; e < columnPointers[column + 1]; e++) {
      const [r, c] = transposed ? [column, rowIndices[e]] : [rowIndices[e], column];
      matrix[r][c] = b.operation("sub", matrix[r][c], b.get(b.element(values, b.i32(e))));
    }
  }
  const factors = smallLU(b, matrix);
  return {
    regular: factors.regular,
    solve(vector) {
      const elements = matrix.map((_, i) => b.element(vector, b.i32(i)));
      factors.solve(elements.map((element) => b.get(element))).forEach((x, i) => b.set(elements[i], x));
    },
  };
}
