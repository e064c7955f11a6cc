/**
 * Reads elements of arrays of objects among the constants at an index that is known when the program runs, as columns of
 * numbers.
 */
import { rowMajor, sizeOf } from "../../arrays/shape.ts";
import { isNdArray, isTypedArray } from "../../core/array-values.ts";
import type { Value } from "../../ir/ir.ts";
import { loadFlat, partAt } from "./arrays.ts";
import { maybe, type ArrayItem, type Item } from "../state/items.ts";
import { unrollFor } from "../state/open-loops.ts";
import { toBool, toElementIndex } from "../state/numbers.ts";
import { textOf, unreadable, type Site } from "../state/site.ts";
import { wrap } from "./wrap.ts";

/** What all rows hold under a path, at the index. `present`: false where it is no row's. */
export function rowAt(at: Site, rows: readonly unknown[], path: readonly string[], index: Value, present?: Value): Item {
  at.r.hosts.noteRows(rows);
  const column = rows.map((row) => within(row, path));
  const [first] = column;
  if (column.every((value) => Object.is(value, first)) && typeof first !== "number") return wrap(at, first, path.at(-1) ?? "row");
  const shape = column.map(shapeOf).reduce((a, b) => (a?.join() === b?.join() ? a : undefined));
  if (shape) {
    const b = at.r.builder;
    const number = toElementIndex(b, index);
    // Of none, a number is looked up somewhere and not taken.
    const rowIndex = present && shape.length === 0 ? b.operation("i32.select", present, number, b.i32(0)) : number;
    const storage = at.r.hosts.column(rows, path, (all) => all.flatMap((row) => flat(within(row, path))));
    const container = isNdArray(first) ? "ndarray" : isTypedArray(first) ? "typed" : "array";
    const whole: ArrayItem = {
      kind: "array",
      storage,
      offset: at.r.builder.i32(0),
      shape: [rows.length, ...shape],
      strides: rowMajor([rows.length, ...shape]),
      container,
    };
    const part = partAt(at, whole, [rowIndex]) as ArrayItem;
    if (shape.length > 0) return part;
    const value = loadFlat(at, storage, part.offset);
    const item = typeof first === "boolean" ? toBool(at, value) : value;
    if (!present) return item;
    if (path.length === 0) return maybe(present, item);
    return item.type === "bool"
      ? b.operation("bool.and", present, item)
      : b.operation("select", present, b.toF64(item), b.f64(NaN));
  }
  if (column.every(isRow)) return { kind: "row", rows, path, index, present };
  unrollFor(at.r, index);
  return unreadable(
    at,
    "rows",
    `\`${textOf(at)}\` is not of one kind in all rows, and which row it is is known only when the program runs`,
    "Give every row a number there (NaN where there is none), or arrays of one shape.",
  );
}

/** Is it an array whose elements may be taken at any index? */
export function areRows(value: unknown): value is readonly unknown[] {
  return Array.isArray(value) && value.length > 0 && value.every(isRow);
}

function isRow(value: unknown): boolean {
  return typeof value === "object" && value !== null && !Array.isArray(value) && !isTypedArray(value) && !isNdArray(value);
}

function within(row: unknown, path: readonly string[]): unknown {
  return path.reduce<unknown>((value, key) => (value as Readonly<Record<string, unknown>> | undefined)?.[key], row);
}

/** The shape of what a row holds, [] of numbers and truth values; undefined of what no column holds. */
function shapeOf(value: unknown): readonly number[] | undefined {
  if (typeof value === "number" || typeof value === "boolean") return [];
  if (isTypedArray(value)) return [value.length];
  if (isNdArray(value)) return value.shape;
  if (!Array.isArray(value) || value.length === 0) return undefined;
  const shapes = value.map(shapeOf);
  return shapes[0] && shapes.every((shape) => shape?.join() === shapes[0]!.join()) ? [value.length, ...shapes[0]] : undefined;
}

function flat(value: unknown): number[] {
  if (isNdArray(value)) {
    const { shape, stride, offset, data } = value;
    const strides = rowMajor(shape);
    return Array.from(
      { length: sizeOf(shape) },
      (_, i) =>
        data[
          shape.reduce((position, extent, axis) => position + (Math.floor(i / strides[axis]) % extent) * stride[axis], offset)
        ],
    );
  }
  return typeof value === "object" ? Array.from(value as ArrayLike<unknown>).flatMap(flat) : [Number(value)];
}
