/** Declares the kinds of array elements: how each keeps a number, in a program and among the constants. */
import { isTypedArray } from "../../core/array-values.ts";
import type { Builder } from "../../ir/builder.ts";
import type { Value } from "../../ir/ir.ts";
import { toInt32, toUint32 } from "./numbers.ts";

export interface ElementKind {
  /** Type of the program's array. */
  readonly type: "f64" | "i32";
  /** A number as an element of this kind keeps it. */
  readonly keep: (b: Builder, value: Value) => Value;
}

const float64: ElementKind = { type: "f64", keep: (b, value) => b.toF64(value) };

function masked(mask: number): ElementKind {
  return { type: "i32", keep: (b, value) => b.operation("i32.and", toInt32(b, value), b.i32(mask)) };
}

function signExtended(bits: number): ElementKind {
  const shift = (b: Builder): Value => b.i32(32 - bits);
  return {
    type: "i32",
    keep: (b, value) => b.operation("i32.shr", b.operation("i32.shl", toInt32(b, value), shift(b)), shift(b)),
  };
}

export const elementKinds = {
  Array: float64,
  Float64Array: float64,
  Float32Array: { type: "f64", keep: (b, value) => b.operation("fround", b.toF64(value)) },
  Int32Array: { type: "i32", keep: toInt32 },
  Uint32Array: { type: "f64", keep: (b, value) => b.toF64(toUint32(b, value)) },
  Int16Array: signExtended(16),
  Uint16Array: masked(0xffff),
  Int8Array: signExtended(8),
  Uint8Array: masked(0xff),
} as const satisfies Readonly<Record<string, ElementKind>>;

export type ElementName = keyof typeof elementKinds;

/** Is what one kind keeps of a number what the other does? */
export function keepAlike(a: ElementName, b: ElementName): boolean {
  return elementKinds[a].keep === elementKinds[b].keep;
}

/** The kind of a host array's elements. */
export function elementOf(data: object): ElementName {
  const name = isTypedArray(data) ? data.constructor.name : "Array";
  return name in elementKinds ? (name as ElementName) : "Array";
}

/** The content of a host array as the program's constant. */
export function constantData(data: ArrayLike<number>, element: ElementName): Float64Array | Int32Array {
  if (data instanceof Float64Array || data instanceof Int32Array) return data;
  return elementKinds[element].type === "i32" ? Int32Array.from(data) : Float64Array.from(data);
}
