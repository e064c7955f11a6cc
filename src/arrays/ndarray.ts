/**
 * Arrays of any number of axes over flat memory, with the interface of the package `ndarray`, whose own arrays are taken
 * everywhere too. That package compiles its classes with `new Function`, which pages may forbid.
 */
import { UnsupportedValue, WrongLength } from "../core/errors.ts";
import { rowMajor, showShape, sizeOf } from "./shape.ts";
import { shown } from "../core/options/shown.ts";
import { describe, isTypedArray, type TypedArray } from "../core/array-values.ts";

export type NumberData = number[] | TypedArray;

/** What kind of numbers lie in memory, by the package's names. */
type DataType<D> = D extends Float64Array
  ? "float64"
  : D extends Float32Array
    ? "float32"
    : D extends Int32Array
      ? "int32"
      : D extends Uint32Array
        ? "uint32"
        : D extends Int16Array
          ? "int16"
          : D extends Uint16Array
            ? "uint16"
            : D extends Int8Array
              ? "int8"
              : D extends Uint8ClampedArray
                ? "uint8_clamped"
                : D extends Uint8Array
                  ? "uint8"
                  : "array";

/** Element (i, j, …) is data[offset + i * stride[0] + j * stride[1] + …]. Made by {@link ndarray}; views share the data. */
export class NdArray<D extends NumberData = Float64Array> {
  constructor(
    readonly data: D,
    readonly shape: number[],
    readonly stride: number[],
    readonly offset: number,
  ) {}

  /** Number of elements. */
  get size(): number {
    return sizeOf(this.shape);
  }

  /** Number of axes. */
  get dimension(): number {
    return this.shape.length;
  }

  /** "float64", or as the numbers lie in memory; "array" of plain arrays. */
  get dtype(): DataType<D> {
    const { data } = this;
    if (Array.isArray(data)) return "array" as DataType<D>;
    const name = data.constructor.name.replace("Array", "").toLowerCase();
    return name.replace("clamped", "_clamped") as DataType<D>;
  }

  /** The axes, from that whose elements lie closest together on. */
  get order(): number[] {
    const apart = this.stride.map(Math.abs);
    return apart.map((_, axis) => axis).sort((a, b) => apart[a] - apart[b] || a - b);
  }

  /** The view with the axes the other way round. */
  get T(): NdArray<D> {
    return this.transpose(...this.shape.map((_, axis) => this.shape.length - 1 - axis));
  }

  /** The element's offset in the data. */
  index(...indices: number[]): number {
    return this.stride.reduce((index, stride, axis) => index + indices[axis] * stride, this.offset);
  }

  /** One index for each axis. */
  get(...indices: number[]): number {
    return this.data[this.index(...indices)];
  }

  /** One index for each axis, and last the value, which is returned. */
  set(...indicesAndValue: number[]): number {
    return (this.data[this.index(...indicesAndValue)] = indicesAndValue[this.stride.length]);
  }

  /** The view from these indices on. */
  lo(...from: number[]): NdArray<D> {
    const first = this.shape.map((_, axis) => from[axis] ?? 0);
    return over(
      this.data,
      this.shape.map((extent, axis) => extent - first[axis]),
      this.stride,
      this.index(...first),
    );
  }

  /** The view of the first elements along each axis; null, or a negative number, keeps all. */
  hi(...extents: (number | null)[]): NdArray<D> {
    return over(
      this.data,
      this.shape.map((extent, axis) => ((extents[axis] ?? -1) < 0 ? extent : extents[axis]!)),
      this.stride,
      this.offset,
    );
  }

  /** The view of every step-th element along each axis; a negative step begins at the end. */
  step(...steps: number[]): NdArray<D> {
    const by = this.shape.map((_, axis) => steps[axis] ?? 1);
    const first = this.shape.map((extent, axis) => (by[axis] < 0 ? extent - 1 : 0));
    return over(
      this.data,
      this.shape.map((extent, axis) => Math.ceil(extent / Math.abs(by[axis]))),
      this.stride.map((stride, axis) => stride * by[axis]),
      this.index(...first),
    );
  }

  /** The view with axes[k] as its k-th axis. */
  transpose(...axes: number[]): NdArray<D> {
    const order = this.shape.map((_, axis) => axes[axis] ?? axis);
    return over(
      this.data,
      order.map((axis) => this.shape[axis]),
      order.map((axis) => this.stride[axis]),
      this.offset,
    );
  }

  /** The view with the axes whose index is given fixed; null, or a negative number, keeps an axis. */
  pick(...indices: (number | null)[]): NdArray<D> {
    const fixed = this.shape.map((_, axis) => Math.max(indices[axis] ?? -1, -1));
    const isKept = (_: number, axis: number): boolean => fixed[axis] < 0;
    const first = fixed.map((index) => Math.max(index, 0));
    return over(this.data, this.shape.filter(isKept), this.stride.filter(isKept), this.index(...first));
  }
}

/*
 * Access in the innermost loops of users' functions: with a fixed number of indices it is about ten times faster than with a
 * list of them, as fast as access to a flat array by hand.
 */

class NdArray1<D extends NumberData> extends NdArray<D> {
  override index(i: number): number {
    return this.offset + i * this.stride[0];
  }

  override get(i: number): number {
    return this.data[this.offset + i * this.stride[0]];
  }

  override set(i: number, value: number): number {
    return (this.data[this.offset + i * this.stride[0]] = value);
  }
}

class NdArray2<D extends NumberData> extends NdArray<D> {
  override index(i: number, j: number): number {
    return this.offset + i * this.stride[0] + j * this.stride[1];
  }

  override get(i: number, j: number): number {
    return this.data[this.offset + i * this.stride[0] + j * this.stride[1]];
  }

  override set(i: number, j: number, value: number): number {
    return (this.data[this.offset + i * this.stride[0] + j * this.stride[1]] = value);
  }
}

class NdArray3<D extends NumberData> extends NdArray<D> {
  override index(i: number, j: number, k: number): number {
    return this.offset + i * this.stride[0] + j * this.stride[1] + k * this.stride[2];
  }

  override get(i: number, j: number, k: number): number {
    return this.data[this.offset + i * this.stride[0] + j * this.stride[1] + k * this.stride[2]];
  }

  override set(i: number, j: number, k: number, value: number): number {
    return (this.data[this.offset + i * this.stride[0] + j * this.stride[1] + k * this.stride[2]] = value);
  }
}

const byDimension = [NdArray, NdArray1, NdArray2, NdArray3];

function over<D extends NumberData>(data: D, shape: number[], stride: number[], offset: number): NdArray<D> {
  const Class = byDimension[shape.length] ?? NdArray;
  return new Class(data, shape, stride, offset);
}

/**
 * An array of this shape over the data (not a copy). Default: one axis, all of the data; strides row-major; offset 0.
 * Throws UnsupportedValue, and WrongLength where the data is too short for the shape.
 */
export function ndarray<D extends NumberData>(
  data: D,
  shape: readonly number[] = [(data as ArrayLike<number> | undefined)?.length ?? 0],
  stride?: readonly number[],
  offset = 0,
): NdArray<D> {
  requireParts(data, shape, stride, offset);
  const strides = stride ? [...stride] : rowMajor(shape);
  const last = shape.reduce((last, extent, axis) => last + (extent - 1) * Math.max(0, strides[axis]), offset);
  const first = shape.reduce((first, extent, axis) => first + (extent - 1) * Math.min(0, strides[axis]), offset);
  if (sizeOf(shape) > 0 && !(first >= 0 && last < data.length)) {
    throw new WrongLength(
      `ndarray: the shape ${showShape(shape)} takes ${sizeOf(shape)} elements from ${offset} on, and the data has ${data.length}. ` +
        `Give as many numbers as the product of the extents.`,
    );
  }
  return over(data, [...shape], strides, offset);
}

function requireParts(data: unknown, shape: unknown, stride: unknown, offset: unknown): void {
  if (!Array.isArray(data) && !isTypedArray(data)) {
    throw new UnsupportedValue(`ndarray: the data are ${describe(data)}, but must be a typed array, or an array of numbers.`);
  }
  if (!isListOf(shape, (extent) => extent >= 0)) {
    throw new UnsupportedValue(`ndarray: the shape is ${shownList(shape)}, but must be an array of whole numbers, one an axis.`);
  }
  if (stride !== undefined && !(isListOf(stride, () => true) && stride.length === shape.length)) {
    throw new UnsupportedValue(
      `ndarray: the strides are ${shownList(stride)}, but must be an array of whole numbers, one an axis.`,
    );
  }
  if (!Number.isInteger(offset) || (offset as number) < 0) {
    throw new UnsupportedValue(`ndarray: the offset is ${shown(offset)}, but must be a whole number, 0 or more.`);
  }
}

function isListOf(value: unknown, fits: (x: number) => boolean): value is readonly number[] {
  return Array.isArray(value) && value.every((x) => Number.isInteger(x) && fits(x as number));
}

function shownList(value: unknown): string {
  return Array.isArray(value) ? `[${value.map(shown).join(", ")}]` : shown(value);
}

/** Is a value {@link ndarray}, or what the package of that name exports: a closure with no other mark? */
export function isNdArrayFunction(value: unknown): boolean {
  return value === ndarray || (typeof value === "function" && value.name === "wrappedNDArrayCtor");
}
