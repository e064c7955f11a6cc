/** Sums over all elements or along one axis. */
import { ShapeMismatch } from "../core/errors.ts";
import { showShape } from "../arrays/shape.ts";
import type { Dense, ArrayOperation, Numeric } from "./operation.ts";
import { overridable } from "./override.ts";
import { flat, fresh, toNdArray, visit } from "./plain.ts";
import { isView, loadF64, nest, sumOver, type View } from "./view.ts";

export interface Sum {
  /** The sum of all elements. */
  (a: Numeric): number;
  /** The sums along one axis (0 is the first), which the result no longer has; of a vector, a number. */
  (a: Numeric, axis: number): Dense | number;
}

/** Shape and strides of the result, repeated along the axis that was summed away. */
function repeatedAlong<T>(entries: readonly T[], axis: number, repeated: T): T[] {
  return [...entries.slice(0, axis), repeated, ...entries.slice(axis)];
}

function without<T>(entries: readonly T[], axis: number): T[] {
  return entries.filter((_, k) => k !== axis);
}

function resultShape(shape: readonly number[], axis: unknown): readonly number[] {
  if (axis === undefined) return [];
  if (typeof axis === "number" && Number.isInteger(axis) && axis >= 0 && axis < shape.length) return without(shape, axis);
  throw new ShapeMismatch(`sum: there is no axis ${String(axis)} in shape ${showShape(shape)}. Axes count from 0.`);
}

const sum: ArrayOperation<Sum> = {
  name: "sum",
  operands: 1,
  resultShape: ([shape], [axis]) => resultShape(shape, axis),
  lower(b, [a], result, [axis]) {
    if (!isView(a)) return b.toF64(a);
    if (!result) return sumOver(b, a.shape, [a], ([i]) => loadF64(b, a, i));
    const along = axis as number;
    if (along === a.shape.length - 1) {
      // The summed axis is contiguous: one sum a row.
      const rows: View = { ...a, shape: without(a.shape, along), strides: without(a.strides, along) };
      const row = { array: a.array, shape: a.shape.slice(along), strides: a.strides.slice(along) };
      nest(b, rows.shape, [rows, result], [], ([start, o]) => {
        b.store(
          result.array,
          o,
          sumOver(b, row.shape, [{ ...row, offset: start }], ([i]) => loadF64(b, a, i)),
        );
        return [];
      });
      return;
    }
    b.fill(result.array, b.f64(0));
    const repeated: View = {
      ...result,
      shape: a.shape,
      strides: repeatedAlong(result.strides, along, 0),
    };
    nest(b, a.shape, [a, repeated], [], ([i, o]) => {
      b.accumulate(result.array, o, loadF64(b, a, i));
      return [];
    });
  },
  plain: ((value: Numeric, axis?: number) => {
    const a = flat(value, "sum");
    const result = fresh(resultShape(a.shape, axis));
    const strides = axis === undefined ? a.shape.map(() => 0) : repeatedAlong(result.strides, axis, 0);
    visit(a.shape, [a, { ...result, shape: a.shape, strides }], (i, o) => {
      result.data[o] += a.data[i];
    });
    return result.shape.length === 0 ? result.data[0] : toNdArray(result);
  }) as Sum,
};

export const reductions = overridable({ sum });
