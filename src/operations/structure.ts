/** Operations that move elements and compute nothing: transpose, slice, reshape, concat. All return copies. */
import { ShapeMismatch, UnsupportedValue } from "../core/errors.ts";
import { shown } from "../core/options/shown.ts";
import type { Builder } from "../ir/builder.ts";
import { isRowMajor, rowMajor, sameShape, showShape, sizeOf, type Strided } from "../arrays/shape.ts";
import { describe, type ArrayValue } from "../core/array-values.ts";
import type { ArrayOperation, Dense } from "./operation.ts";
import { overridable } from "./override.ts";
import { flat, fresh, toNdArray, visit, type Flat } from "./plain.ts";
import { copy, type View } from "./view.ts";

/** The result's shape, and how to walk the source to meet the result's elements in row-major order. */
interface Selection {
  readonly shape: readonly number[];
  /** Offset is from the source's own. Has the result's shape where the result could be a view of the source. */
  readonly walk: Strided & { readonly offset: number };
}

/** Throws ShapeMismatch. */
type Select = (source: Strided, options: readonly unknown[]) => Selection;

export type Range = readonly [from: number, to: number];

export interface Transpose {
  /** The axes in reverse order: of a matrix, its transpose. */
  (a: ArrayValue): Dense;
}

export interface Slice {
  /** Elements from `from` up to, not including, `to` along the first axis. */
  (a: ArrayValue, from: number, to: number): Dense;
  /** One range [from, to) an axis; axes without one are kept whole. */
  (a: ArrayValue, ranges: readonly Range[]): Dense;
}

export interface Reshape {
  /** The same elements in row-major order, in another shape of the same size. */
  (a: ArrayValue, shape: readonly number[]): Dense;
}

export interface Concat {
  /** Arrays one after the other along an axis (default 0); the other extents must be equal. */
  (arrays: readonly ArrayValue[], axis?: number): Dense;
}

function transposed({ shape, strides }: Strided): Selection {
  const reversed = [...shape].reverse();
  return { shape: reversed, walk: { shape: reversed, strides: [...strides].reverse(), offset: 0 } };
}

function sliced({ shape, strides }: Strided, options: readonly unknown[]): Selection {
  const ranges = (Array.isArray(options[0]) ? options[0] : [options]) as readonly Range[];
  const inside = (range: Range, axis: number): boolean => {
    if (!Array.isArray(range) || range.length !== 2) return false;
    const [from, to] = range;
    return Number.isInteger(from) && Number.isInteger(to) && 0 <= from && from <= to && to <= shape[axis];
  };
  if (ranges.length > shape.length || !ranges.every(inside)) {
    const wanted = ranges.map((range) => (Array.isArray(range) ? `[${range.map(shown).join(", ")}]` : shown(range))).join(", ");
    throw new ShapeMismatch(
      `slice: ${wanted} is outside shape ${showShape(shape)}. Each axis takes a range [from, to) with 0 <= from <= to <= its extent.`,
    );
  }
  const kept = shape.map((extent, axis) => (axis < ranges.length ? ranges[axis][1] - ranges[axis][0] : extent));
  const offset = ranges.reduce((sum, [from], axis) => sum + from * strides[axis], 0);
  return { shape: kept, walk: { shape: kept, strides, offset } };
}

function reshaped(source: Strided, [wanted]: readonly unknown[]): Selection {
  const shape = wanted as readonly number[];
  if (
    !Array.isArray(shape) ||
    !shape.every((extent) => Number.isInteger(extent) && extent >= 0) ||
    sizeOf(shape) !== sizeOf(source.shape)
  ) {
    throw new ShapeMismatch(
      `reshape: ${showShape(source.shape)} has ${sizeOf(source.shape)} elements and cannot become ` +
        `${Array.isArray(shape) ? `[${shape.map(shown).join(", ")}]` : shown(wanted)}. The product of the extents must stay the same.`,
    );
  }
  const walk = isRowMajor(source) ? { shape, strides: rowMajor(shape) } : source;
  return { shape, walk: { shape: walk.shape, strides: walk.strides, offset: 0 } };
}

function walkOf(b: Builder, source: View, { walk }: Selection): View {
  return {
    array: source.array,
    offset: b.operation("i32.add", source.offset, b.i32(walk.offset)),
    shape: walk.shape,
    strides: walk.strides,
  };
}

function rearrangement<Plain extends (...args: never[]) => Dense>(name: string, select: Select): ArrayOperation<Plain> {
  return {
    name,
    operands: 1,
    resultShape: ([shape], options) => select({ shape: arrayShape(name, shape), strides: rowMajor(shape) }, options).shape,
    lower(b, [operand], result, options) {
      const source = operand as View;
      const selection = select(source, options);
      copy(b, walkOf(b, source, selection), walking(result!, selection.walk.shape));
    },
    alias(b, source, options) {
      const selection = select(source, options);
      return sameShape(selection.shape, selection.walk.shape) ? walkOf(b, source, selection) : undefined;
    },
    plain: ((value: unknown, ...options: unknown[]) => {
      const source = flat(value, name);
      arrayShape(name, source.shape);
      const { shape, walk } = select(source, options);
      const result = fresh(shape);
      plainCopy(
        { ...walk, data: source.data, offset: source.offset + walk.offset },
        { ...result, ...walking(result, walk.shape) },
      );
      return toNdArray(result);
    }) as unknown as Plain,
  };
}

/** A row-major array seen in another shape of the same size. */
function walking<T extends Strided>(whole: T, shape: readonly number[]): T {
  return { ...whole, shape, strides: rowMajor(shape) };
}

function plainCopy(from: Flat, to: Flat & { readonly data: Float64Array }): void {
  visit(to.shape, [from, to], (i, o) => {
    to.data[o] = from.data[i];
  });
}

function arrayShape(name: string, shape: readonly number[]): readonly number[] {
  if (shape.length > 0) return shape;
  throw new ShapeMismatch(`${name}: expected an array, got a number.`);
}

function concatenated(shapes: readonly (readonly number[])[], axis: number): readonly number[] {
  const [first] = shapes;
  const fits = (shape: readonly number[]): boolean =>
    shape.length === first.length && shape.every((extent, k) => k === axis || extent === first[k]);
  if (first === undefined || !Number.isInteger(axis) || axis < 0 || axis >= first.length || !shapes.every(fits)) {
    throw new ShapeMismatch(
      `concat: shapes ${shapes.map(showShape).join(" and ")} cannot be joined along axis ${shown(axis)}. ` +
        `Hand in a list of arrays whose other extents are equal; axes count from 0.`,
    );
  }
  return first.map((extent, k) => (k === axis ? shapes.reduce((sum, shape) => sum + shape[axis], 0) : extent));
}

/** For each part its shape and its offset within the joined array, along the axis. */
function parts(
  shapes: readonly (readonly number[])[],
  strides: readonly number[],
  axis: number,
): { shape: readonly number[]; offset: number }[] {
  let offset = 0;
  return shapes.map((shape) => {
    const part = { shape, offset };
    offset += shape[axis] * strides[axis];
    return part;
  });
}

const concat: ArrayOperation<Concat> = {
  name: "concat",
  operands: "list",
  resultShape: (shapes, [axis]) => concatenated(shapes, (axis ?? 0) as number),
  lower(b, operands, result, [axis]) {
    const sources = operands as readonly View[];
    const pieces = parts(
      sources.map((source) => source.shape),
      result!.strides,
      (axis ?? 0) as number,
    );
    sources.forEach((source, k) => {
      const offset = b.operation("i32.add", result!.offset, b.i32(pieces[k].offset));
      copy(b, source, { ...result!, shape: source.shape, offset });
    });
  },
  plain: (arrays, axis = 0) => {
    if (!Array.isArray(arrays))
      throw new UnsupportedValue(`concat: it takes a list of arrays, and was given ${describe(arrays)}.`);
    const sources = arrays.map((array) => flat(array, "concat"));
    const shapes = sources.map((source) => source.shape);
    const result = fresh(concatenated(shapes, axis));
    const pieces = parts(shapes, result.strides, axis);
    sources.forEach((source, k) => plainCopy(source, { ...result, ...pieces[k] }));
    return toNdArray(result);
  },
};

export const structure = overridable({
  transpose: rearrangement<Transpose>("transpose", transposed),
  slice: rearrangement<Slice>("slice", sliced),
  reshape: rearrangement<Reshape>("reshape", reshaped),
  concat,
});
