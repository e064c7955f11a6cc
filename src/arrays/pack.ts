/** Between the user's shape and flat memory. */
import { NonFinite, UnknownComponent, UnsupportedValue, WrongLength } from "../core/errors.ts";
import { componentName, memberPath, ownLayout, type ArrayLayout, type Layout, type StructLayout } from "./layout.ts";
import { ndarray, type NdArray } from "./ndarray.ts";
import { isRowMajor, sameShape } from "./shape.ts";
import { describe, firstNotFinite, isNdArray, isTypedArray, type NumberNdArray, type TypedArray } from "../core/array-values.ts";

/** What comes back for a value of type T: the same names and shapes, typed arrays as Float64Array. */
export type Shaped<T> = T extends number
  ? number
  : T extends NumberNdArray
    ? NdArray<Float64Array>
    : T extends TypedArray
      ? Float64Array
      : T extends readonly number[]
        ? number[]
        : { -readonly [K in keyof T]: Shaped<T[K]> };

/**
 * Writes a value of the layout's shape into flat memory, from element `at` on; vectors may be any kind of array.
 * Throws WrongLength, UnknownComponent, UnsupportedValue.
 */
export function pack(
  layout: Layout,
  value: unknown,
  what: string,
  into: Float64Array = new Float64Array(layout.size),
  at = 0,
): Float64Array {
  switch (layout.kind) {
    case "scalar":
      if (typeof value !== "number") throw new UnsupportedValue(`${what} is ${describe(value)}, but must be a number.`);
      into[at + layout.offset] = value;
      return into;
    case "array":
      packArray(layout, value, what, into, at + layout.offset);
      return into;
    case "struct": {
      const fields = fieldsOf(layout, value, what);
      for (const name in layout.fields) pack(layout.fields[name], fields[name], memberPath(what, name), into, at);
      return into;
    }
    case "extended":
      return pack(layout.own, value, what, into, at);
  }
}

/** Any object with the right names will do, views of flat memory among them, whose names are inherited accessors. */
function fieldsOf(layout: StructLayout, value: unknown, what: string): Readonly<Record<string, unknown>> {
  const known = Object.keys(layout.fields);
  if (typeof value !== "object" || value === null || Array.isArray(value) || isTypedArray(value)) {
    throw new UnsupportedValue(`${what} is ${describe(value)}, but must be an object with ${known.join(", ")}.`);
  }
  const names: string[] = [];
  for (const name in value) names.push(name);
  const unknown = names.filter((name) => !Object.hasOwn(layout.fields, name));
  if (unknown.length || names.length !== known.length) {
    const missing = known.filter((name) => !names.includes(name));
    const faults = [
      missing.length ? `lacks ${missing.join(", ")}` : "",
      unknown.length ? `has unknown ${unknown.join(", ")}` : "",
    ];
    throw new UnknownComponent(`${what} ${faults.filter(Boolean).join(" and ")}. Its components are ${known.join(", ")}.`);
  }
  return value as Readonly<Record<string, unknown>>;
}

function packArray({ shape, size }: ArrayLayout, value: unknown, what: string, into: Float64Array, at: number): void {
  if (Array.isArray(value) || isTypedArray(value)) {
    if (shape.length !== 1 || value.length !== size) throw wrongLength(what, value, shape);
    for (let i = 0; i < size; i++) {
      const element: unknown = value[i];
      if (typeof element !== "number") throw new UnsupportedValue(`${what}[${i}] is ${describe(element)}, but must be a number.`);
      into[at + i] = element;
    }
  } else if (isNdArray(value)) {
    if (!sameShape(value.shape, shape)) throw wrongLength(what, value, shape);
    const { data, offset: start, stride } = value;
    if (isRowMajor({ shape, strides: stride })) for (let i = 0; i < size; i++) into[at + i] = data[start + i];
    else copyElements(value, value.offset, 0, into, { next: at });
  } else {
    throw new UnsupportedValue(`${what} is ${describe(value)}, but must be ${inWords(shape)}.`);
  }
}

/** Copies an ndarray's elements in row-major order. */
function copyElements(array: NumberNdArray, start: number, axis: number, into: Float64Array, cursor: { next: number }): void {
  if (axis === array.shape.length) {
    into[cursor.next++] = array.data[start];
    return;
  }
  for (let i = 0; i < array.shape[axis]; i++) copyElements(array, start + i * array.stride[axis], axis + 1, into, cursor);
}

function wrongLength(what: string, value: unknown, shape: readonly number[]): WrongLength {
  return new WrongLength(`${what} is ${describe(value)}, but must be ${inWords(shape)}, as it was when the problem was made.`);
}

function inWords(shape: readonly number[]): string {
  return shape.length === 1 ? `an array of length ${shape[0]}` : `an ndarray of shape [${shape.join(", ")}]`;
}

/** The value of flat memory in the user's own shape: a copy. */
export function unpack<T>(layout: Layout, data: Float64Array): Shaped<T> {
  return unpackAny(layout, data) as Shaped<T>;
}

function unpackAny(layout: Layout, data: Float64Array): unknown {
  switch (layout.kind) {
    case "scalar":
      return data[layout.offset];
    case "array": {
      const elements = data.slice(layout.offset, layout.offset + layout.size);
      if (layout.container === "ndarray") return ndarray(elements, layout.shape);
      return layout.container === "array" ? [...elements] : elements;
    }
    case "struct": {
      const fields: Record<string, unknown> = {};
      for (const name in layout.fields) fields[name] = unpackAny(layout.fields[name], data);
      return fields;
    }
    case "extended":
      return unpackAny(layout.own, data);
  }
}

/** Flat. Throws as {@link pack} does, and NonFinite. */
export function packFinite(layout: Layout, value: unknown, what: string): Float64Array {
  const flat = pack(layout, value, what);
  requireFinite(layout, flat, what);
  return flat;
}

/** Throws NonFinite, naming the component, where flat data has a NaN or an infinity. */
export function requireFinite(layout: Layout, data: Float64Array, what: string): void {
  const index = firstNotFinite(data);
  if (index < 0) return;
  const name = componentName(layout, index, what);
  throw new NonFinite(
    `${what} must be finite, but ${ownLayout(layout).kind === "struct" ? `${what}.${name}` : name} is ${data[index]}. ` +
      `Look at where it was computed: a division by zero, a missing value, or the result of a failed solve.`,
  );
}
