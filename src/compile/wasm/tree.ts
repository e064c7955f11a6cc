/** WebAssembly text as nested arrays, as `assemble` takes it: `["f64.add", a, b]` is `(f64.add a b)`. */
import type { ScalarType, Value } from "../../ir/ir.ts";

export type Tree = readonly (string | number | Tree)[];

/** Booleans are 0 or 1. */
export function wasmType(type: ScalarType): "f64" | "i32" {
  return type === "f64" ? "f64" : "i32";
}

export function constant(value: Value): Tree {
  return [`${wasmType(value.type)}.const`, value.constant!];
}

export function i32(value: number): Tree {
  return ["i32.const", value];
}

export function get(local: string): Tree {
  return ["local.get", local];
}

export function set(local: string, value: Tree): Tree {
  return ["local.set", local, value];
}

/** local = value, and the value. */
export function tee(local: string, value: Tree): Tree {
  return ["local.tee", local, value];
}

export function plus(a: Tree, b: Tree): Tree {
  return ["i32.add", a, b];
}

/** value * factor, a shift where the factor is a power of two. */
export function scaled(value: Tree, factor: number): Tree {
  if (factor === 1) return value;
  const shift = Math.log2(factor);
  return Number.isInteger(shift) ? ["i32.shl", value, i32(shift)] : ["i32.mul", value, i32(factor)];
}
