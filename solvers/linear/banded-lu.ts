/**
 * Banded LU of W = d I - J, or d M - J, row by row, as L D U with units on the diagonals of L and U (Golub & Van Loan, Matrix Computations,
 * 4th ed., sections 4.1 and 4.3; with one diagonal on either side it is Thomas's algorithm). Rows are written out: what belongs to the rows
 * before lives in registers while a row is worked on, and of a solve with W and of one with its transpose each element waits for one
 * product and one difference.
 *
 * As in sparse elimination pivots stay on the diagonal, and one that has all but cancelled is reported; with a mass matrix, one that makes
 * a multiplier so large that elimination becomes unstable.
 */
import { Builder } from "../../src/ir/builder.ts";
import type { SparsityPattern } from "../../src/analysis/sparsity.ts";
import { eachEntry } from "../../src/analysis/pattern.ts";
import type { ArrayDeclaration, Program, Value } from "../../src/ir/ir.ts";
import type { Band } from "./band.ts";
import { firstFailure } from "./dense-lu.ts";
import { fold, loop, massEntry, minusProduct, plus, range, times } from "./kernels.ts";
import { LARGEST_MULTIPLIER, SMALLEST_PIVOT } from "./sparse-lu.ts";

/** Where things lie in the factors: rows of L's entries, the reciprocal of D's, and U's; rows of zeros before them and behind them. */
interface Rows {
  readonly width: number;
  readonly padding: number;
}

function rowsOf({ lower, upper }: Band): Rows {
  return { width: lower + 1 + upper, padding: Math.max(lower, upper) };
}

/** Numbers in the factors. */
export function bandedSize(n: number, band: Band): number {
  const { width, padding } = rowsOf(band);
  return (n + 2 * padding) * width;
}

/** About how many nanoseconds it takes: of a row, to wait for the reciprocal of the one before, and arithmetic. */
export function costOfBandedFactor(n: number, { lower, upper }: Band): number {
  return n * (8.5 + 0.2 * lower * (upper + 1));
}

/** Of an element, to wait twice for the one before. */
export function costOfBandedSolve(n: number): number {
  return 3 * n;
}

/** factor(values: input f64[nnz], factors: output f64[bandedSize], d) -> 0, or k + 1 where the k-th pivot is too small. */
export function bandedFactor(pattern: SparsityPattern, band: Band, mass?: Float64Array): Program {
  const n = pattern.columns;
  const { lower, upper } = band;
  const { width, padding } = rowsOf(band);
  const b = new Builder(`bandedFactor${n}`);
  const values = b.arrayParameter("values", pattern.rowIndices.length, "input");
  const factors = b.arrayParameter("factors", bandedSize(n, band), "output");
  const d = b.scalarParameter("d");
  form(b, pattern, band, values, factors, d, mass);
  const threshold = b.operation("mul", b.operation("abs", d), b.f64(SMALLEST_PIVOT));
  const [status] = b.for(b.i32(0), b.i32(n), 1, [b.f64(0)], (i, [before]) => {
    const row = times(b, plus(b, i, padding), width);
    const entries = range(width).map((k) => b.load(factors, plus(b, row, k)));
    let largest = b.f64(0);
    for (let k = lower; k > 0; k--) {
      const pivotRow = plus(b, row, -k * width + lower);
      const at = lower - k;
      for (let j = 1; j <= upper; j++) {
        entries[at + j] = minusProduct(b, entries[at + j], entries[at], b.load(factors, plus(b, pivotRow, j)));
      }
      const multiplier = b.operation("mul", entries[at], b.load(factors, pivotRow));
      b.store(factors, plus(b, row, at), multiplier);
      largest = b.operation("max", largest, b.operation("abs", multiplier));
    }
    const pivot = entries[lower];
    const inverse = b.operation("div", b.f64(1), pivot);
    b.store(factors, plus(b, row, lower), inverse);
    for (let j = 1; j <= upper; j++) {
      b.store(factors, plus(b, row, lower + j), b.operation("mul", entries[lower + j], inverse));
    }
    const failure = firstFailure(b, before, pivot, mass ? b.f64(0) : threshold, i);
    return [mass ? firstGrowth(b, failure, largest, i) : failure];
  });
  return b.finish(status);
}

/** The status so far, or i + 1 where a multiplier of the i-th row is too large. */
function firstGrowth(b: Builder, before: Value, largest: Value, i: Value): Value {
  const keep = b.operation("bool.or", b.operation("le", largest, b.f64(LARGEST_MULTIPLIER)), b.operation("ne", before, b.f64(0)));
  return b.operation("select", keep, before, b.toF64(plus(b, i, 1)));
}

/** W, by its rows. */
function form(
  b: Builder,
  pattern: SparsityPattern,
  band: Band,
  values: ArrayDeclaration,
  factors: ArrayDeclaration,
  d: Value,
  mass: Float64Array | undefined,
): void {
  const { width, padding } = rowsOf(band);
  const targets = new Int32Array(pattern.rowIndices.length);
  eachEntry(pattern, (e, row, column) => {
    const [i, j] = [row, column].map((index) => band.position?.[index] ?? index);
    targets[e] = (i + padding) * width + band.lower + j - i;
  });
  const [target, ofMass] = [b.constantArray("targets", targets), mass && b.constantArray("mass", mass)];
  b.fill(factors, b.f64(0));
  loop(b, 0, targets.length, (e) => {
    const value = b.load(values, e);
    b.store(factors, b.load(target, e), ofMass ? massEntry(b, d, b.load(ofMass, e), value) : b.operation("neg", value));
  });
  if (mass) return;
  loop(b, 0, pattern.columns, (i) => {
    const diagonal = plus(b, times(b, plus(b, i, padding), width), band.lower);
    b.store(factors, diagonal, b.operation("add", b.load(factors, diagonal), d));
  });
}

/** solve(factors: input f64[bandedSize], b: inout f64[n]): b becomes the x of W x = b, or, transposed, of Wᵀ x = b. */
export function bandedSolve(n: number, band: Band, transposed: boolean): Program {
  const { lower, upper, order } = band;
  const { width, padding } = rowsOf(band);
  const b = new Builder(`bandedSolve${transposed ? "Transposed" : ""}${n}`);
  const factors = b.arrayParameter("factors", bandedSize(n, band), "input");
  const right = b.arrayParameter("b", n, "inout");
  const permutation = order && b.constantArray("order", order);
  const x = permutation ? b.localArray("permuted", n) : right;
  const where = (k: Value): Value => (permutation ? b.load(permutation, k) : k);
  const entry = (row: Value, column: number): Value =>
    b.load(factors, plus(b, times(b, plus(b, row, padding), width), lower + column));
  /** Of the row (of W or of its transpose) so far from the diagonal. */
  const ofL = (i: Value, k: number): Value => (transposed ? entry(plus(b, i, -k), k) : entry(i, -k));
  const ofU = (i: Value, k: number): Value => (transposed ? entry(plus(b, i, k), -k) : entry(i, k));
  const sweep = (
    from: number,
    to: number,
    step: number,
    count: number,
    first: (i: Value) => Value,
    of: typeof ofL,
    last: (i: Value, x: Value) => void,
  ): void => {
    const none = range(count).map(() => b.f64(0));
    fold(b, b.i32(from), b.i32(to), step, none, (i, known) => {
      // What was found last comes last, as it is what the sum waits for.
      const sum = range(count).reduceRight((so, k) => minusProduct(b, so, of(i, k + 1), known[k]), first(i));
      last(i, sum);
      return count === 0 ? [] : [sum, ...known.slice(0, count - 1)];
    });
  };
  const [before, behind] = transposed ? [upper, lower] : [lower, upper];
  sweep(
    0,
    n,
    1,
    before,
    (i) => b.load(right, where(i)),
    ofL,
    (i, sum) => b.store(x, i, sum),
  );
  const scaled = (i: Value): Value => b.operation("mul", b.load(x, i), entry(i, 0));
  sweep(n - 1, -1, -1, behind, scaled, ofU, (i, sum) => b.store(right, where(i), sum));
  return b.finish();
}
