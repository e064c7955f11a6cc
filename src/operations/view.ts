/** Arrays as a program sees them: flat arrays of the program, addressed through an offset and strides. */
import type { Builder } from "../ir/builder.ts";
import type { ArrayDeclaration, Value } from "../ir/ir.ts";
import { broadcastStrides, coalesce, rowMajor } from "../arrays/shape.ts";

export interface View {
  readonly array: ArrayDeclaration;
  /** i32: index of the element whose indices are all 0. */
  readonly offset: Value;
  readonly shape: readonly number[];
  readonly strides: readonly number[];
}

/** An argument of an array operation: an array or a scalar (f64; an i32 or bool is converted). */
export type Operand = View | Value;

export function isView(operand: Operand): operand is View {
  return "array" in operand;
}

/** A whole array of the program, row-major. */
export function wholeView(b: Builder, array: ArrayDeclaration, shape: readonly number[]): View {
  return { array, offset: b.i32(0), shape, strides: rowMajor(shape) };
}

/** The flat index of the element at these indices. */
export function indexOf(b: Builder, view: View, indices: readonly Value[]): Value {
  return indices.reduce((index, i, axis) => advance(b, index, i, view.strides[axis]), view.offset);
}

/** The element at a flat index, as f64. */
export function loadF64(b: Builder, view: View, index: Value): Value {
  return b.toF64(b.load(view.array, index));
}

/** An operand that is one number, as f64. */
export function scalarOf(b: Builder, operand: Operand): Value {
  return isView(operand) ? loadF64(b, operand, operand.offset) : b.toF64(operand);
}

/**
 * Loops over every element of `shape`, last axis innermost, in as few loops as the strides allow. `body` gets each view's
 * flat index (a view of smaller shape is broadcast) and the carried values, and returns their next ones. Returns the last.
 */
export function nest(
  b: Builder,
  shape: readonly number[],
  views: readonly View[],
  initial: readonly Value[],
  body: (indices: readonly Value[], carried: readonly Value[]) => readonly Value[],
): readonly Value[] {
  const space = coalesce(
    shape,
    views.map((view) => broadcastStrides(view, shape)),
  );
  const loop = (axis: number, indices: readonly Value[], carried: readonly Value[]): readonly Value[] => {
    if (axis === space.shape.length) return body(indices, carried);
    return b.for(b.i32(0), b.i32(space.shape[axis]), 1, carried, (i, inner) =>
      loop(
        axis + 1,
        indices.map((index, k) => advance(b, index, i, space.strides[k][axis])),
        inner,
      ),
    );
  };
  return loop(
    0,
    views.map((view) => view.offset),
    initial,
  );
}

/** Stores every element of one view, broadcast to the shape of the other, into it. */
export function copy(b: Builder, from: View, to: View): void {
  nest(b, to.shape, [from, to], [], ([i, o]) => {
    b.store(to.array, o, loadF64(b, from, i));
    return [];
  });
}

/** The sum of value(indices) over every element of `shape`. */
export function sumOver(
  b: Builder,
  shape: readonly number[],
  views: readonly View[],
  value: (indices: readonly Value[]) => Value,
): Value {
  const [sum] = nest(b, shape, views, [b.f64(0)], (indices, [partial]) => [b.operation("add", partial, value(indices))]);
  return sum;
}

/** index + step * stride */
export function advance(b: Builder, index: Value, step: Value, stride: number): Value {
  return b.operation("i32.add", index, b.operation("i32.mul", step, b.i32(stride)));
}
