/** The linear systems of a step: d I − J (or its transpose), factorized within the step's program. */
import type { Value } from "../../../src/program/ir.ts";
import { linearSolverFor } from "../../linear/linear-solver.ts";
import { smallLU } from "../../linear/small-lu.ts";
import type { Slice, StepBuilder } from "../step.ts";
import type { System } from "../system.ts";

export type Jacobian = NonNullable<System["jacobian"]>;

export interface FactorizedSystem {
  /** Whether the factorization succeeded. */
  readonly regular: Value;
  /** Puts the solution in the place of the right-hand side. */
  solve(vector: Slice): void;
}

/** Numbers in the factors that {@link factorize} leaves. */
export function sizeOfFactors({ pattern, blocks }: Jacobian): number {
  return linearSolverFor(pattern, blocks).size;
}

/** By a call of the solver that fits the pattern; returns whether it succeeded. */
export function factorize(b: StepBuilder, { pattern, blocks }: Jacobian, values: Slice, d: Value, factors: Slice): Value {
  const status = b.call(linearSolverFor(pattern, blocks).factor, [b.slice(values), b.slice(factors), d])!;
  return b.operation("eq", status, b.f64(0));
}

/** Puts the solution in the place of the right-hand side, by the factors of {@link factorize}. */
export function solveBy(b: StepBuilder, { pattern, blocks, transposed }: Jacobian, factors: Slice, vector: Slice): void {
  const { solve, solveTransposed } = linearSolverFor(pattern, blocks);
  b.call(transposed ? solveTransposed : solve, [b.slice(factors), b.slice(vector)]);
}

/** By {@link factorize} and {@link solveBy}. */
export function calledSystem(b: StepBuilder, jacobian: Jacobian, values: Slice, d: Value, factors: Slice): FactorizedSystem {
  return {
    regular: factorize(b, jacobian, values, d, factors),
    solve: (vector) => solveBy(b, jacobian, factors, vector),
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
