/** How the linear-algebra programs are written: i32 arithmetic, loops, and products of a few columns with a vector. */
import { tripCount, type Builder } from "../../src/ir/builder.ts";
import type { ArrayDeclaration, Value } from "../../src/ir/ir.ts";

/** An array from element `at` on. */
export interface Stretch {
  readonly array: ArrayDeclaration;
  readonly at: Value;
}

/** The columns of a matrix: entry (r, k) is array[at + k * stride + r]. */
export interface Columns extends Stretch {
  readonly stride: Value;
}

/**
 * Columns are taken four at a time: a vector element is then read and written once for four multiplications, and four sums run
 * side by side, so that none waits for itself.
 */
const BLOCK = 4;

export function plus(b: Builder, ...terms: (Value | number)[]): Value {
  return terms.map((term) => integer(b, term)).reduce((sum, term) => b.operation("i32.add", sum, term));
}

export function minus(b: Builder, x: Value | number, y: Value | number): Value {
  return b.operation("i32.sub", integer(b, x), integer(b, y));
}

export function times(b: Builder, x: Value | number, y: Value | number): Value {
  return b.operation("i32.mul", integer(b, x), integer(b, y));
}

function integer(b: Builder, value: Value | number): Value {
  return typeof value === "number" ? b.i32(value) : value;
}

/** Loops this short are written out, so that a system of few equations is solved without loops. */
const WRITTEN_OUT = 4;

/** for (index = from; index < to (step < 0: > to); index += step), with carried values. */
export function fold(
  b: Builder,
  from: Value,
  to: Value,
  step: number,
  initial: readonly Value[],
  body: (index: Value, carried: readonly Value[]) => readonly Value[],
): readonly Value[] {
  const count = tripCount(from, to, step);
  if (count === undefined || count > WRITTEN_OUT) return b.for(from, to, step, initial, body);
  return range(count).reduce((carried, i) => body(plus(b, from, i * step), carried), initial);
}

/** for (index = from; index < to; index += step) without carried values. */
export function loop(b: Builder, from: Value | number, to: Value | number, body: (index: Value) => void, step = 1): void {
  fold(b, integer(b, from), integer(b, to), step, [], (index) => {
    body(index);
    return [];
  });
}

/** 0 … count - 1 in blocks of four, then the rest one by one. */
export function forBlocks(b: Builder, count: Value, body: (first: Value, width: number) => void): void {
  const whole = wholeBlocks(b, count);
  loop(b, 0, whole, (first) => body(first, BLOCK), BLOCK);
  loop(b, whole, count, (first) => body(first, 1));
}

/** The blocks of {@link forBlocks}, last to first. */
export function forBlocksDown(b: Builder, count: Value, body: (first: Value, width: number) => void): void {
  const whole = wholeBlocks(b, count);
  loop(b, minus(b, count, 1), minus(b, whole, 1), (first) => body(first, 1), -1);
  loop(b, minus(b, whole, BLOCK), -1, (first) => body(first, BLOCK), -BLOCK);
}

function wholeBlocks(b: Builder, count: Value): Value {
  return b.operation("i32.and", count, b.i32(-BLOCK));
}

/** Where columns first … first + width - 1 begin. */
export function columnStarts(b: Builder, a: Columns, first: Value, width: number): Value[] {
  return range(width).map((j) => plus(b, a.at, times(b, plus(b, first, j), a.stride)));
}

/** x[r] -= sum of a[columns[j] + r] * factors[j] for from <= r < to. */
export function push(
  b: Builder,
  x: Stretch,
  a: ArrayDeclaration,
  columns: Value[],
  factors: Value[],
  from: Value,
  to: Value,
): void {
  loop(b, from, to, (r) => {
    const at = plus(b, x.at, r);
    const rest = columns.reduce(
      (s, column, j) => minusProduct(b, s, b.load(a, plus(b, column, r)), factors[j]),
      b.load(x.array, at),
    );
    b.store(x.array, at, rest);
  });
}

/** initial[j] - sum of a[columns[j] + r] * y[r] over from <= r < to. */
export function pull(
  b: Builder,
  initial: Value[],
  a: ArrayDeclaration,
  columns: Value[],
  y: Stretch,
  from: Value,
  to: Value,
): readonly Value[] {
  return fold(b, from, to, 1, initial, (r, sums) => {
    const factor = b.load(y.array, plus(b, y.at, r));
    return sums.map((sum, j) => minusProduct(b, sum, b.load(a, plus(b, columns[j], r)), factor));
  });
}

/** Σ x[r] y[r] over r < size, by four sums side by side. */
export function dot(b: Builder, x: Stretch, y: Stretch, size: Value): Value {
  const product = (r: Value): Value => b.operation("mul", b.load(x.array, plus(b, x.at, r)), b.load(y.array, plus(b, y.at, r)));
  const whole = wholeBlocks(b, size);
  const zeros = range(BLOCK).map(() => b.f64(0));
  const sums = fold(b, b.i32(0), whole, BLOCK, zeros, (r, so) =>
    so.map((sum, j) => b.operation("add", sum, product(plus(b, r, j)))),
  );
  const [rest] = fold(b, whole, size, 1, [b.f64(0)], (r, [so]) => [b.operation("add", so, product(r))]);
  return [...sums, rest].reduce((sum, part) => b.operation("add", sum, part));
}

/** x[r] -= sum over k < count of A[r, k] * y[k], for r < size. */
export function subtractProduct(b: Builder, x: Stretch, a: Columns, y: Stretch, count: Value, size: Value): void {
  forBlocks(b, count, (k, width) => {
    const factors = range(width).map((j) => b.load(y.array, plus(b, y.at, k, j)));
    push(b, x, a.array, columnStarts(b, a, k, width), factors, b.i32(0), size);
  });
}

/** x[k] -= sum over r < size of A[r, k] * y[r], for k < count. */
export function subtractTransposedProduct(b: Builder, x: Stretch, a: Columns, y: Stretch, count: Value, size: Value): void {
  forBlocks(b, count, (k, width) => {
    const offsets = range(width).map((j) => plus(b, x.at, k, j));
    const initial = offsets.map((at) => b.load(x.array, at));
    const sums = pull(b, initial, a.array, columnStarts(b, a, k, width), y, b.i32(0), size);
    sums.forEach((sum, j) => b.store(x.array, offsets[j], sum));
  });
}

/** x - a * factor */
export function minusProduct(b: Builder, x: Value, a: Value, factor: Value): Value {
  return b.operation("sub", x, b.operation("mul", a, factor));
}

/** d m - j, of d M - J */
export function massEntry(b: Builder, d: Value, m: Value, j: Value): Value {
  return b.operation("sub", b.operation("mul", d, m), j);
}

export function range(count: number): number[] {
  return Array.from({ length: count }, (_, i) => i);
}
