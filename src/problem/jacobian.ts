/** Jacobians between the user's shapes. */
import { ownLayout, type Layout } from "../arrays/layout.ts";
import { ndarray, type NdArray } from "../arrays/ndarray.ts";
import type { ArrayValue } from "../core/array-values.ts";

type Leaf = number | ArrayValue;

/**
 * ∂y/∂x in the names of y, and within those in the names of x: `jacobian.prey.a`. Where either of the two is an array it is an
 * ndarray with the axes of y before those of x; between numbers, a number.
 */
export type ShapedJacobian<Y, X> = Y extends Leaf
  ? X extends Leaf
    ? Y extends number
      ? X extends number
        ? number
        : NdArray<Float64Array>
      : NdArray<Float64Array>
    : { -readonly [K in keyof X]: ShapedJacobian<Y, X[K]> }
  : { -readonly [K in keyof Y]: ShapedJacobian<Y[K], X> };

/** A matrix [components of y, components of x], row-major, in those shapes: a copy. */
export function unpackJacobian<Y, X>(y: Layout, x: Layout, matrix: Float64Array): ShapedJacobian<Y, X> {
  return unpackBlock(ownLayout(y), ownLayout(x), matrix, ownLayout(x).size) as ShapedJacobian<Y, X>;
}

function unpackBlock(y: Layout, x: Layout, matrix: Float64Array, columns: number): unknown {
  if (y.kind === "struct") return mapFields(y.fields, (field) => unpackBlock(field, x, matrix, columns));
  if (x.kind === "struct") return mapFields(x.fields, (field) => unpackBlock(y, field, matrix, columns));
  if (y.kind === "scalar" && x.kind === "scalar") return matrix[y.offset * columns + x.offset];
  const block = new Float64Array(y.size * x.size);
  for (let i = 0; i < y.size; i++) {
    const start = (y.offset + i) * columns + x.offset;
    block.set(matrix.subarray(start, start + x.size), i * x.size);
  }
  return ndarray(block, [...axesOf(y), ...axesOf(x)]);
}

function axesOf(layout: Layout): readonly number[] {
  return layout.kind === "array" ? layout.shape : [];
}

function mapFields(fields: Readonly<Record<string, Layout>>, map: (field: Layout) => unknown): Record<string, unknown> {
  return Object.fromEntries(Object.entries(fields).map(([name, field]) => [name, map(field)]));
}
