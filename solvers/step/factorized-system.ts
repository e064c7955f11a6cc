/**
 * W = d I − J, or d M − J, in steps: factorized by calls of the solver that fits J's pattern, or written out for a few unknowns; or never
 * formed, where systems are solved by GMRES.
 */
import { InternalError } from "../../src/core/errors.ts";
import type { Value } from "../../src/ir/ir.ts";
import { linearSolverFor } from "../linear/linear-solver.ts";
import { smallLU } from "../linear/small-lu.ts";
import { shiftedSystem } from "../linear/shifted-system.ts";
import type { Slice, StepBuilder } from "./builder.ts";
import { EXACT, LOOSE, numbersOfPlace, type Accuracy, type MatrixFree } from "./matrix-free.ts";
import type { System } from "./system.ts";

export type Jacobian = NonNullable<System["jacobian"]>;

/** What implicit steps know of J. */
export type Linearization = Jacobian | MatrixFree;

export function isMatrixFree(linearization: Linearization): linearization is MatrixFree {
  return "restart" in linearization;
}

export interface FactorizedSystem {
  /** Whether the factorization succeeded. */
  readonly regular: Value;
  /** x of W x = rhs. */
  solve(x: Slice, rhs: Slice): void;
}

/** Numbers that are kept of a place where f is linearized. */
export function sizeOfValues(linearization: Linearization): number {
  return isMatrixFree(linearization) ? numbersOfPlace(linearization) : linearization.pattern.rowIndices.length;
}

/** Numbers in the factors that {@link factorize} leaves. */
export function sizeOfFactors(linearization: Linearization): number {
  if (isMatrixFree(linearization)) return 1;
  const { pattern, blocks, mass } = linearization;
  return linearSolverFor(pattern, blocks, mass).size;
}

/** By a call of the solver that fits the pattern; returns whether it succeeded. */
export function factorize(b: StepBuilder, jacobian: Linearization, values: Slice, d: Value, factors: Slice): Value {
  if (isMatrixFree(jacobian)) {
    b.set(b.slice(factors), d);
    return b.bool(true);
  }
  const [diagonal, status] = [b.localArray("diagonal", 1), b.localArray("status", 1)];
  b.store(diagonal, b.i32(0), d);
  const whole = (array: Slice["array"]): Slice => ({ array, offset: 0 });
  b.call(
    shiftedSystem(jacobian).factor,
    [values, whole(diagonal), factors, whole(status)].map((x) => b.slice(x)),
  );
  return b.operation("eq", b.load(status, b.i32(0)), b.f64(0));
}

/**
 * By the factors of {@link factorize}. The accuracy is for what is solved by iterations. Returns whether they came to it,
 * and how many they were.
 */
export function solveBy(
  b: StepBuilder,
  jacobian: Linearization,
  values: Slice,
  factors: Slice,
  x: Slice,
  rhs: Slice,
  accuracy?: Accuracy,
): { readonly isReached: Value; readonly iterations: Value } {
  if (!isMatrixFree(jacobian)) {
    b.call(
      shiftedSystem(jacobian).solve,
      [values, factors, rhs, x].map((slice) => b.slice(slice)),
    );
    return { isReached: b.bool(true), iterations: b.f64(0) };
  }
  const [tolerance, outcome] = [b.localArray("tolerance", 1), b.localArray("outcome", 2)].map((array) => ({ array, offset: 0 }));
  if (!accuracy) throw new InternalError("what is solved by iterations is solved to an accuracy");
  b.set(b.slice(tolerance), accuracy.tolerance ?? b.f64(0));
  const solve = jacobian.solve(jacobian, accuracy.tolerance ? LOOSE : EXACT);
  b.call(
    solve,
    [values, factors, rhs, accuracy.scale, accuracy.unit, tolerance, x, outcome].map((slice) => b.slice(slice)),
  );
  const [isReached, iterations] = [0, 1].map((i) => b.get(b.element(outcome, b.i32(i))));
  return { isReached: b.operation("gt", isReached, b.f64(0)), iterations };
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
