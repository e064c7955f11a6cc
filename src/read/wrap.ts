/** Values of JavaScript, handed in as constants or met as globals, as items. */
import { isNdArray, isTypedArray } from "../core/array-values.ts";
import { definitionOf } from "../operations/definitions.ts";
import { arrayOperationOf } from "../operations/index.ts";
import { rowMajor } from "../arrays/shape.ts";
import { callDefinition } from "./called-definitions.ts";
import type { Item } from "./items.ts";
import { builtinOf } from "./builtins.ts";
import { host } from "./items.ts";
import { constant } from "./numbers.ts";
import type { Reader, Site } from "./reader.ts";
import { hasText } from "./source.ts";
import { closureOf } from "./functions.ts";

export function wrap(at: Site, value: unknown, name: string): Item {
  const { r } = at;
  if (typeof value === "number") return constant(r.builder, value);
  if (typeof value === "boolean") return r.builder.bool(value);
  if ((typeof value !== "object" && typeof value !== "function") || value === null) return host(value);
  let item = r.wrapped.get(value);
  if (!item) r.wrapped.set(value, (item = wrapObject(r, value, name)));
  return item;
}

function wrapObject(r: Reader, value: object, name: string): Item {
  const b = r.builder;
  if (isTypedArray(value) || isNumbers(value)) {
    const container = Array.isArray(value) ? "array" : "typed";
    return { kind: "array", storage: r.hosts.of(value, name), offset: b.i32(0), shape: [value.length], strides: [1], container };
  }
  if (isNdArray(value)) {
    const { data, shape, stride, offset } = value;
    return {
      kind: "array",
      storage: r.hosts.of(data, name),
      offset: b.i32(offset),
      shape: [...shape],
      strides: [...stride],
      container: "ndarray",
    };
  }
  if (Array.isArray(value)) {
    const shape = nestedShape(value);
    if (!shape) return host(value);
    return {
      kind: "array",
      storage: r.hosts.flattened(value, name),
      offset: b.i32(0),
      shape,
      strides: rowMajor(shape),
      container: "array",
    };
  }
  if (typeof value === "function") {
    const builtin = builtinOf(value);
    if (builtin) return builtin;
    const definition = definitionOf(value);
    if (definition) return { kind: "builtin", name, call: (at, args) => callDefinition(at, definition, args) };
    const operation = arrayOperationOf(value);
    if (operation) return { kind: "operation", operation };
    return hasText(value) ? closureOf(value, name) : host(value);
  }
  return host(value);
}

function isNumbers(value: unknown): value is number[] {
  return Array.isArray(value) && value.length > 0 && value.every((x) => typeof x === "number");
}

/** The shape of arrays nested evenly, down to numbers. */
function nestedShape(value: unknown): number[] | undefined {
  if (typeof value === "number") return [];
  if (!(Array.isArray(value) || isTypedArray(value)) || value.length === 0) return undefined;
  const shapes = Array.from<unknown, number[] | undefined>(value as ArrayLike<unknown>, nestedShape);
  const [first] = shapes;
  return first && shapes.every((shape) => shape?.join() === first.join()) ? [value.length, ...first] : undefined;
}
