/**
 * Triangular solves in place, on the columns of an LU factorisation: L below the diagonal, its own diagonal being 1; U above;
 * on the diagonal the reciprocals of U's. Matrix and vector are different arrays, so inner loops run on SIMD lanes.
 */
import type { Builder } from "../../src/ir/builder.ts";
import type { Value } from "../../src/ir/ir.ts";
import {
  columnStarts,
  forBlocks,
  forBlocksDown,
  minusProduct,
  plus,
  pull,
  push,
  range,
  type Columns,
  type Stretch,
} from "./kernels.ts";

/** x = L⁻¹ x with `count` columns of `size` rows: what lies below the square is eliminated too. */
export function solveLower(b: Builder, x: Stretch, a: Columns, count: Value, size: Value): void {
  forBlocks(b, count, (k, width) => {
    const columns = columnStarts(b, a, k, width);
    const factors: Value[] = [];
    for (const j of range(width)) {
      const at = plus(b, x.at, k, j);
      const entry = (i: number): Value => b.load(a.array, plus(b, columns[i], k, j));
      factors.push(factors.reduce((sum, factor, i) => minusProduct(b, sum, entry(i), factor), b.load(x.array, at)));
      if (j > 0) b.store(x.array, at, factors[j]);
    }
    push(b, x, a.array, columns, factors, plus(b, k, width), size);
  });
}

/** x = U⁻¹ x. */
export function solveUpper(b: Builder, x: Stretch, a: Columns, count: Value): void {
  forBlocksDown(b, count, (k, width) => {
    const columns = columnStarts(b, a, k, width);
    const factors: Value[] = [];
    for (const j of range(width).reverse()) {
      const at = plus(b, x.at, k, j);
      let sum = b.load(x.array, at);
      for (let i = width - 1; i > j; i--) sum = minusProduct(b, sum, b.load(a.array, plus(b, columns[i], k, j)), factors[i]);
      factors[j] = b.operation("mul", sum, b.load(a.array, plus(b, columns[j], k, j)));
      b.store(x.array, at, factors[j]);
    }
    push(b, x, a.array, columns, factors, b.i32(0), k);
  });
}

/** x = U⁻ᵀ x. */
export function solveUpperTransposed(b: Builder, x: Stretch, a: Columns, count: Value): void {
  forBlocks(b, count, (k, width) => {
    const columns = columnStarts(b, a, k, width);
    const offsets = range(width).map((j) => plus(b, x.at, k, j));
    const initial = offsets.map((at) => b.load(x.array, at));
    const sums = pull(b, initial, a.array, columns, x, b.i32(0), k);
    const solved: Value[] = [];
    for (const j of range(width)) {
      const entry = (i: number): Value => b.load(a.array, plus(b, columns[j], k, i));
      const rest = solved.reduce((sum, factor, i) => minusProduct(b, sum, entry(i), factor), sums[j]);
      solved.push(b.operation("mul", rest, entry(j)));
      b.store(x.array, offsets[j], solved[j]);
    }
  });
}

/** x = L⁻ᵀ x with `count` columns of `size` rows: x below the square is known. */
export function solveLowerTransposed(b: Builder, x: Stretch, a: Columns, count: Value, size: Value): void {
  forBlocksDown(b, count, (k, width) => {
    const columns = columnStarts(b, a, k, width);
    const offsets = range(width).map((j) => plus(b, x.at, k, j));
    const initial = offsets.map((at) => b.load(x.array, at));
    const sums = pull(b, initial, a.array, columns, x, plus(b, k, width), size);
    const solved: Value[] = [];
    for (const j of range(width).reverse()) {
      let rest = sums[j];
      for (let i = width - 1; i > j; i--) rest = minusProduct(b, rest, b.load(a.array, plus(b, columns[j], k, i)), solved[i]);
      solved[j] = rest;
      b.store(x.array, offsets[j], rest);
    }
  });
}
