/** Makes items of values of JavaScript that are handed in as constants or met as globals. */
import { memo } from "../../core/memo.ts";
import { isNdArray, isTypedArray } from "../../core/array-values.ts";
import { rowMajor } from "../../arrays/shape.ts";
import { host, type ClosureItem, type Item } from "../state/items.ts";
import { constant } from "../state/numbers.ts";
import type { Reader } from "../state/reader.ts";
import type { Site } from "../state/site.ts";
import { Scope } from "../state/scope.ts";
import { sourceOf } from "../syntax/source.ts";

export function wrap(at: Site, value: unknown, name: string): Item {
  const { r } = at;
  if (typeof value === "number") return constant(r.builder, value);
  if (typeof value === "boolean") return r.builder.bool(value);
  if ((typeof value !== "object" && typeof value !== "function") || value === null) return host(value);
  return wrapped(r, value, name);
}

/** Objects of the host, as one item each in what is read. */
const wrapped = memo(wrapObject, { by: (r, value) => [r, value] });

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
  if (typeof value === "function") return r.hostFunction(value, name);
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

/** A function of the host, by its text. Its own free names must be globals or operations of the library. */
export function closureOf(fn: object, name: string): ClosureItem {
  const { source, node } = sourceOf(fn, name);
  const scope = new Scope(undefined, { source, node, name, give: () => {} }, []);
  return { kind: "closure", node, scope, name };
}
