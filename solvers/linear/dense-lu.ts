/**
 * Dense LU with partial pivoting, column by column (the "jki" or left-looking form: Golub & Van Loan, Matrix Computations, 4th
 * ed., sections 3.2 and 3.4). Matrices are column-major: entry (r, c) is A[c * n + r].
 */
import { Builder } from "../../src/ir/builder.ts";
import type { ArrayDeclaration, Program, Value } from "../../src/ir/ir.ts";
import { fold, loop, plus, times, type Columns, type Stretch } from "./kernels.ts";
import { solveLower, solveLowerTransposed, solveUpper, solveUpperTransposed } from "./triangular.ts";

/** Numbers in the factors of n columns: the columns, then the pivots. */
export function denseSize(n: number): number {
  return n * (n + 1);
}

/** solve(A: input f64[denseSize(n)], b: inout f64[n]): b becomes the x of A x = b, from {@link factorColumns}'s A. */
export function denseSolve(n: number): Program {
  const b = new Builder(`denseSolve${n}`);
  const { a, x } = solveParameters(b, n);
  loop(b, 0, n, (k) => void exchange(b, x.array, k, pivotRow(b, a.array, n, k)));
  solveLower(b, x, a, b.i32(n), b.i32(n));
  solveUpper(b, x, a, b.i32(n));
  return b.finish();
}

/** As {@link denseSolve}, for Aᵀ x = b. */
export function denseSolveTransposed(n: number): Program {
  const b = new Builder(`denseSolveTransposed${n}`);
  const { a, x } = solveParameters(b, n);
  solveUpperTransposed(b, x, a, b.i32(n));
  solveLowerTransposed(b, x, a, b.i32(n), b.i32(n));
  loop(b, n - 1, -1, (k) => void exchange(b, x.array, k, pivotRow(b, a.array, n, k)), -1);
  return b.finish();
}

function solveParameters(b: Builder, n: number): { a: Columns; x: Stretch } {
  const a = b.arrayParameter("A", denseSize(n), "input");
  return {
    a: { array: a, at: b.i32(0), stride: b.i32(n) },
    x: { array: b.arrayParameter("b", n, "inout"), at: b.i32(0) },
  };
}

/** The row that row k was exchanged with. */
function pivotRow(b: Builder, a: ArrayDeclaration, n: number, k: Value): Value {
  return b.operation("i32.from_f64", b.load(a, plus(b, k, n * n)));
}

/**
 * Factors A: f64[denseSize(n)], and returns 0, or k + 1 where column k has no pivot that is finite and not zero.
 * A becomes L (below the diagonal, unit), U (above it) and, on the diagonal, the reciprocals of U's. Behind them lie the pivots:
 * row k was exchanged with row pivots[k] >= k, for k = 0, 1, ….
 */
export function factorColumns(b: Builder, n: number, a: ArrayDeclaration): Value {
  // Each column is worked on in an array of its own, so that the loops over it cannot meet the columns they read.
  const x = b.localArray("column", n);
  const [status] = fold(b, b.i32(0), b.i32(n), 1, [b.f64(0)], (c, [before]) => {
    const start = times(b, c, n);
    loop(b, 0, n, (r) => b.store(x, r, b.load(a, plus(b, start, r))));
    loop(b, 0, c, (k) => void exchange(b, x, k, pivotRow(b, a, n, k)));
    solveLower(b, { array: x, at: b.i32(0) }, { array: a, at: b.i32(0), stride: b.i32(n) }, c, b.i32(n));
    const row = largest(b, x, c, n);
    b.store(a, plus(b, c, n * n), b.toF64(row));
    const pivot = exchange(b, x, c, row);
    loop(b, 0, c, (k) => void exchange(b, a, plus(b, times(b, k, n), c), plus(b, times(b, k, n), row)));
    const inverse = b.operation("div", b.f64(1), pivot);
    loop(b, 0, c, (r) => b.store(a, plus(b, start, r), b.load(x, r)));
    b.store(a, plus(b, start, c), inverse);
    loop(b, plus(b, c, 1), n, (r) => b.store(a, plus(b, start, r), b.operation("mul", b.load(x, r), inverse)));
    return [firstFailure(b, before, pivot, b.f64(0), c)];
  });
  return status;
}

/** The status so far, or c + 1 if this is the first pivot that is not larger than `threshold` and finite. */
export function firstFailure(b: Builder, before: Value, pivot: Value, threshold: Value, c: Value): Value {
  const size = b.operation("abs", pivot);
  const usable = b.operation("bool.and", b.operation("gt", size, threshold), b.operation("lt", size, b.f64(Infinity)));
  const keep = b.operation("bool.or", usable, b.operation("ne", before, b.f64(0)));
  return b.operation("select", keep, before, b.toF64(plus(b, c, 1)));
}

/** The row of the largest element of x from row c on. */
function largest(b: Builder, x: ArrayDeclaration, c: Value, n: number): Value {
  const magnitude = (r: Value): Value => b.operation("abs", b.load(x, r));
  const [row] = fold(b, plus(b, c, 1), b.i32(n), 1, [c, magnitude(c)], (r, [best, most]) => {
    const size = magnitude(r);
    const larger = b.operation("gt", size, most);
    return [b.operation("i32.select", larger, r, best), b.operation("select", larger, size, most)];
  });
  return row;
}

/** Exchanges two elements; returns what is now the first. */
function exchange(b: Builder, array: ArrayDeclaration, first: Value, second: Value): Value {
  const [old, value] = [b.load(array, first), b.load(array, second)];
  b.store(array, second, old);
  b.store(array, first, value);
  return value;
}
