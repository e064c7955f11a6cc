/** Parameters as JSON: objects by their names, arrays by rows, numbers to the last bit. */
import { layoutOf, memberPath, type Layout } from "../../src/arrays/layout.ts";
import { packFinite, unpack, type Shaped } from "../../src/arrays/pack.ts";
import { describe, isPlainObject } from "../../src/core/array-values.ts";
import { shown } from "../../src/core/options/kinds.ts";
import { BadParameterFile } from "./errors.ts";

/**
 * Parameters as JSON text; what it reads back is the same to the last bit.
 *
 * @param p - Numbers, arrays, ndarrays (as nested lists), and nested objects of them.
 * @returns The text.
 * @throws UnsupportedValue for what parameters cannot be, NonFinite.
 */
export function toJson(p: unknown): string {
  const layout = layoutOf(p, "p");
  return textOf(layout, packFinite(layout, p, "p"));
}

function textOf(layout: Layout, flat: Float64Array): string {
  if (layout.kind === "struct") {
    const members = Object.entries(layout.fields).map(([name, field]) => `${JSON.stringify(name)}:${textOf(field, flat)}`);
    return `{${members.join(",")}}`;
  }
  return rowsOf(layout.kind === "array" ? layout.shape : [], flat.subarray(layout.offset, layout.offset + layout.size));
}

function rowsOf([extent, ...inner]: readonly number[], values: Float64Array): string {
  // JSON.stringify has no negative zero.
  if (extent === undefined) return Object.is(values[0], -0) ? "-0" : String(values[0]);
  const size = values.length / Math.max(1, extent);
  return `[${Array.from({ length: extent }, (_, i) => rowsOf(inner, values.subarray(i * size, (i + 1) * size))).join(",")}]`;
}

/**
 * The parameters in JSON text.
 *
 * @param text - What `toJson` gave, or nested lists and objects of the same names and shapes.
 * @param like - Parameters of the same names and shapes, such as `net.initial()`.
 * @returns Parameters in the shape of those.
 * @throws BadParameterFile where it is no JSON, or of other parameters.
 */
export function fromJson<P>(text: string, like: P): Shaped<P> {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw new BadParameterFile(`The parameters are no JSON: ${(cause as Error).message}.`, { cause });
  }
  const layout = layoutOf(like, "like");
  const flat = new Float64Array(layout.size);
  read(layout, value, "", flat);
  return unpack<P>(layout, flat);
}

function read(layout: Layout, value: unknown, path: string, flat: Float64Array): void {
  const name = path || "The file";
  if (layout.kind !== "struct") return readRows(layout.kind === "array" ? layout.shape : [], value, name, flat, layout.offset);
  if (!isPlainObject(value)) throw new BadParameterFile(`${name} is ${describe(value)}, but must be an object.`);
  const known = Object.keys(layout.fields);
  const names = Object.keys(value);
  if (names.length !== known.length || names.some((own) => !known.includes(own))) {
    throw new BadParameterFile(`${name} has ${names.join(", ")}, but must have ${known.join(", ")}.`);
  }
  for (const own of known) read(layout.fields[own], value[own], memberPath(path, own), flat);
}

function readRows([extent, ...inner]: readonly number[], value: unknown, name: string, flat: Float64Array, at: number): void {
  if (extent === undefined) {
    if (!Number.isFinite(value)) throw new BadParameterFile(`${name} is ${shown(value)}, but must be a finite number.`);
    flat[at] = value as number;
    return;
  }
  if (!Array.isArray(value) || value.length !== extent) {
    throw new BadParameterFile(`${name} is ${describe(value)}, but must be a list of ${extent}.`);
  }
  const size = inner.reduce((product, each) => product * each, 1);
  value.forEach((row: unknown, i) => readRows(inner, row, `${name}[${i}]`, flat, at + i * size));
}
