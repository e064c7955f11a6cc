/** What the plain (uncompiled) array operations share. */
import { UnsupportedValue } from "../core/errors.ts";
import { ndarray } from "../arrays/ndarray.ts";
import { broadcastStrides, coalesce, rowMajor, sizeOf, type Strided } from "../arrays/shape.ts";
import { describe, isNdArray, isTypedArray } from "../core/array-values.ts";
import type { Dense } from "./operation.ts";

/** An operand of a plain operation, whatever the user handed in. */
export interface Flat extends Strided {
  readonly data: ArrayLike<number>;
  readonly offset: number;
}

export function flat(value: unknown, operation: string): Flat {
  if (typeof value === "number") return { data: [value], offset: 0, shape: [], strides: [] };
  if (isTypedArray(value) || isVector(value)) return { data: value, offset: 0, shape: [value.length], strides: [1] };
  if (isNdArray(value)) return { data: value.data, offset: value.offset, shape: value.shape, strides: value.stride };
  throw new UnsupportedValue(
    `${operation}: expected a number, a typed array, an array of numbers or an ndarray, got ${describe(value)}. ` +
      `Matrices are ndarrays: ndarray(new Float64Array([1, 2, 3, 4]), [2, 2]).`,
  );
}

function isVector(value: unknown): value is readonly number[] {
  return Array.isArray(value) && value.every((element) => typeof element === "number");
}

/** A fresh result, zero, and its flat form. */
export function fresh(shape: readonly number[]): Flat & { readonly data: Float64Array } {
  return { data: new Float64Array(sizeOf(shape)), offset: 0, shape, strides: rowMajor(shape) };
}

export function toNdArray(result: Flat & { readonly data: Float64Array }): Dense {
  return ndarray(result.data, result.shape);
}

/** Calls `body` with up to three operands' flat indices at every element of `shape`, last axis innermost. */
export function visit(
  shape: readonly number[],
  operands: readonly Flat[],
  body: (i: number, j: number, k: number) => void,
): void {
  const space = coalesce(
    shape,
    operands.map((operand) => broadcastStrides(operand, shape)),
  );
  const strideOf = (operand: number, axis: number): number => space.strides[operand]?.[axis] ?? 0;
  const loop = (axis: number, i: number, j: number, k: number): void => {
    if (axis === space.shape.length) return body(i, j, k);
    const [di, dj, dk] = [strideOf(0, axis), strideOf(1, axis), strideOf(2, axis)];
    const innermost = axis === space.shape.length - 1;
    for (let n = space.shape[axis]; n > 0; n--, i += di, j += dj, k += dk) {
      if (innermost) body(i, j, k);
      else loop(axis + 1, i, j, k);
    }
  };
  loop(0, operands[0]?.offset ?? 0, operands[1]?.offset ?? 0, operands[2]?.offset ?? 0);
}
