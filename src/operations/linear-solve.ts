/** The solution of linear equations, with its own derivative rules. */
import { ShapeMismatch } from "../core/errors.ts";
import type { Builder } from "../ir/builder.ts";
import type { ArrayArgument, ArrayDeclaration } from "../ir/ir.ts";
import { factorization, solveFactored } from "./linear.ts";
import { showShape, sizeOf } from "../arrays/shape.ts";
import type { ArrayValue } from "../core/array-values.ts";
import type { ArrayOperation, Dense } from "./operation.ts";
import { overridable } from "./override.ts";
import { flat, fresh, toNdArray, visit } from "./plain.ts";
import { copy, wholeView, type View } from "./view.ts";

export interface LinearSolve {
  /**
   * The x with A x = b: A is a square matrix [n, n], b a vector [n] or a matrix [n, m] of right-hand sides side by side; x has
   * b's shape. By LU factorization with partial pivoting; where A is singular, x is not finite. Throws ShapeMismatch.
   */
  (A: ArrayValue, b: ArrayValue): Dense;
}

function resultShape(a: readonly number[], b: readonly number[]): readonly number[] {
  if (a.length === 2 && a[0] === a[1] && a[0] === b[0] && b.length <= 2) return b;
  throw new ShapeMismatch(
    `linearSolve: shapes ${showShape(a)} and ${showShape(b)} do not go together. ` +
      `It takes a square matrix [n, n] and a vector [n] or a matrix [n, m].`,
  );
}

function copied(b: Builder, view: View, name: string): ArrayDeclaration {
  const array = b.localArray(name, sizeOf(view.shape));
  copy(b, view, wholeView(b, array, view.shape));
  return array;
}

const linearSolve: ArrayOperation<LinearSolve> = {
  name: "linearSolve",
  operands: 2,
  resultShape: ([a, b]) => resultShape(a, b),
  lower(b, operands, result) {
    const [matrix, rhs] = operands as readonly View[];
    const n = matrix.shape[0];
    const [A, right] = [copied(b, matrix, "A"), copied(b, rhs, "b")];
    const factors = b.localArray("factors", n * (n + 1));
    const whole = (array: ArrayDeclaration): ArrayArgument => ({ array, offset: b.i32(0) });
    b.call(factorization(n), [whole(A), whole(factors)]);
    b.call(solveFactored(n, rhs.shape[1] ?? 1, false), [whole(A), whole(factors), whole(right), result!]);
  },
  plain: (left, right) => {
    const [A, b] = [flat(left, "linearSolve"), flat(right, "linearSolve")];
    const shape = resultShape(A.shape, b.shape);
    const n = A.shape[0];
    const m = b.shape[1] ?? 1;
    const [rows, x] = [fresh(A.shape), fresh(shape)];
    visit(A.shape, [A, rows], (i, o) => void (rows.data[o] = A.data[i]));
    visit(shape, [b, x], (i, o) => void (x.data[o] = b.data[i]));
    eliminate(rows.data, x.data, n, m);
    return toNdArray(x);
  },
};

/** Gaussian elimination with partial pivoting of A x = b, row-major, in place; x comes where b was. */
function eliminate(A: Float64Array, x: Float64Array, n: number, m: number): void {
  for (let k = 0; k < n; k++) {
    let pivot = k;
    for (let i = k + 1; i < n; i++) if (Math.abs(A[i * n + k]) > Math.abs(A[pivot * n + k])) pivot = i;
    swapRows(A, n, k, pivot);
    swapRows(x, m, k, pivot);
    for (let i = k + 1; i < n; i++) {
      const factor = A[i * n + k] / A[k * n + k];
      for (let j = k; j < n; j++) A[i * n + j] -= factor * A[k * n + j];
      for (let j = 0; j < m; j++) x[i * m + j] -= factor * x[k * m + j];
    }
  }
  for (let i = n - 1; i >= 0; i--) {
    for (let j = 0; j < m; j++) {
      for (let k = i + 1; k < n; k++) x[i * m + j] -= A[i * n + k] * x[k * m + j];
      x[i * m + j] /= A[i * n + i];
    }
  }
}

function swapRows(rows: Float64Array, width: number, i: number, k: number): void {
  for (let j = 0; j < width && i !== k; j++) {
    const kept = rows[i * width + j];
    rows[i * width + j] = rows[k * width + j];
    rows[k * width + j] = kept;
  }
}

export const linearSolving = overridable({ linearSolve });
