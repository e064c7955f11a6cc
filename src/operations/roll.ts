/** Cyclic shifts along an axis. */
import { ShapeMismatch } from "../core/errors.ts";
import { shown } from "../core/options/shown.ts";
import type { Builder } from "../ir/builder.ts";
import { showShape, type Strided } from "../arrays/shape.ts";
import type { ArrayValue } from "../core/array-values.ts";
import type { ArrayOperation, Dense } from "./operation.ts";
import { overridable } from "./override.ts";
import { flat, fresh, toNdArray, visit } from "./plain.ts";
import { copy, type View } from "./view.ts";

export interface Roll {
  /**
   * Element i goes to i + shift along the axis (default 0); those pushed over the end come in again at the start. So
   * roll(u, 1) holds each element's left neighbour on a periodic grid. Returns a copy. Throws ShapeMismatch.
   */
  (a: ArrayValue, shift: number, axis?: number): Dense;
}

/** A stretch along the axis, by its first index in the operand and in the result. */
interface Piece {
  readonly from: number;
  readonly to: number;
  readonly extent: number;
}

function pieces(shape: readonly number[], [shift, axis = 0]: readonly unknown[]): { axis: number; pieces: readonly Piece[] } {
  const along = axis as number;
  const extent = Number.isInteger(axis) ? shape[along] : undefined;
  if (extent === undefined || !Number.isInteger(shift))
    throw new ShapeMismatch(
      `roll: cannot shift shape ${showShape(shape)} by ${shown(shift)} along axis ${shown(axis)}. ` +
        `It takes an array, a whole number of elements and an axis, counted from 0.`,
    );
  const s = extent === 0 ? 0 : (((shift as number) % extent) + extent) % extent;
  const two = [
    { from: 0, to: s, extent: extent - s },
    { from: extent - s, to: 0, extent: s },
  ];
  return { axis: along, pieces: two.filter((piece) => piece.extent > 0) };
}

function cut<T extends Strided>(whole: T, axis: number, extent: number): T {
  return { ...whole, shape: whole.shape.map((size, k) => (k === axis ? extent : size)) };
}

const roll: ArrayOperation<Roll> = {
  name: "roll",
  operands: 1,
  resultShape: ([shape], options) => (pieces(shape, options), shape),
  lower(b: Builder, operands, result, options) {
    const source = operands[0] as View;
    const { axis, pieces: two } = pieces(source.shape, options);
    const moved = (view: View, by: number): View["offset"] => b.operation("i32.add", view.offset, b.i32(by * view.strides[axis]));
    for (const { from, to, extent } of two) {
      const [input, output] = [source, result!].map((view) => cut(view, axis, extent));
      copy(b, { ...input, offset: moved(source, from) }, { ...output, offset: moved(result!, to) });
    }
  },
  plain: (a, ...options) => {
    const source = flat(a, "roll");
    const { axis, pieces: two } = pieces(source.shape, options);
    const result = fresh(source.shape);
    for (const { from, to, extent } of two) {
      const input = { ...cut(source, axis, extent), offset: source.offset + from * source.strides[axis] };
      const output = { ...cut(result, axis, extent), offset: to * result.strides[axis] };
      visit(input.shape, [input, output], (i, o) => void (result.data[o] = source.data[i]));
    }
    return toNdArray(result);
  },
};

export const rolling = overridable({ roll });
