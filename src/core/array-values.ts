/** What users hand in as arrays, recognised by what they have. */

export type TypedArray =
  | Float64Array
  | Float32Array
  | Int32Array
  | Uint32Array
  | Int16Array
  | Uint16Array
  | Int8Array
  | Uint8Array
  | Uint8ClampedArray;

/** What any ndarray has, be it made by the library or by another package. */
export interface NumberNdArray {
  readonly data: number[] | TypedArray;
  readonly shape: readonly number[];
  readonly stride: readonly number[];
  readonly offset: number;
  get(...indices: number[]): number;
  set(...indicesAndValue: number[]): unknown;
}

/** A vector (number[] or typed array), or an ndarray of any number of axes. */
export type ArrayValue = readonly number[] | TypedArray | NumberNdArray;

export function isTypedArray(value: unknown): value is TypedArray {
  return ArrayBuffer.isView(value) && "length" in value && typeof (value as { at?(i: number): unknown }).at?.(0) !== "bigint";
}

export function isNdArray(value: unknown): value is NumberNdArray {
  if (typeof value !== "object" || value === null) return false;
  const { data, shape, stride, offset, get, set } = value as Partial<NumberNdArray>;
  return (
    (Array.isArray(data) || isTypedArray(data)) &&
    Array.isArray(shape) &&
    Array.isArray(stride) &&
    typeof offset === "number" &&
    typeof get === "function" &&
    typeof set === "function"
  );
}

export function isPlainObject(value: unknown): value is Readonly<Record<string, unknown>> {
  if (typeof value !== "object" || value === null) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}

/** The index of the first element that is not finite; -1 where all are. Looked for in every call, so without calls of a callback. */
export function firstNotFinite(values: ArrayLike<number>): number {
  for (let i = 0; i < values.length; i++) if (!Number.isFinite(values[i])) return i;
  return -1;
}

/** A value's kind in words, for messages. */
export function describe(value: unknown): string {
  if (value === null || value === undefined) return String(value);
  if (Array.isArray(value)) return `an array of length ${value.length}`;
  if (isTypedArray(value)) return `a ${value.constructor.name} of length ${value.length}`;
  if (isNdArray(value)) return `an ndarray of shape [${value.shape.join(", ")}]`;
  if (typeof value === "object") return isPlainObject(value) ? "an object" : `a ${value.constructor.name}`;
  return typeof value === "number" ? `the number ${value}` : `a ${typeof value}`;
}

/** Typed arrays whose elements programs hold, by name. */
export const typedArrays = {
  Float64Array,
  Float32Array,
  Int32Array,
  Uint32Array,
  Int16Array,
  Uint16Array,
  Int8Array,
  Uint8Array,
} as const;
