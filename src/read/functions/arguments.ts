/**
 * Declares the arguments of functions that are programs of their own: as parameters of the program, and as the function sees
 * them.
 */
import { rowMajor, sameShape, sizeOf } from "../../arrays/shape.ts";
import { copy, wholeView, type View } from "../../operations/view.ts";
import type { ArrayDeclaration, Value } from "../../ir/ir.ts";
import { ownLayout, type Layout, type StructLayout } from "../../arrays/layout.ts";
import { Leaves } from "./parameters.ts";
import { componentAt } from "../values/properties.ts";
import { newArray, readView, writeView } from "../values/arrays.ts";
import { isScalar, type ArrayItem, type Item, type RecordItem } from "../state/items.ts";
import { toNumber } from "../state/numbers.ts";
import { unreadable, type Site } from "../state/site.ts";
import { Storage } from "../state/storage.ts";

/** A number ([]), or an array; or components with names, side by side in one. */
export interface Variable {
  readonly shape: readonly number[];
  readonly container: ArrayItem["container"];
  /** From 0 on, of components with names. */
  readonly layout?: StructLayout;
}

/** What a function is compiled for. */
export type Argument = { readonly constant: number } | Variable;

export function isVariable(arg: Argument): arg is Variable {
  return "shape" in arg;
}

export type Operand = ArrayItem | RecordItem | Value;

export function argumentOf(operand: Operand): Argument {
  if (!isScalar(operand)) return variableOf(operand);
  return operand.constant === undefined ? { shape: [], container: "array" } : { constant: operand.constant };
}

/** As {@link argumentOf}, also of constants. */
export function variableOf(operand: Operand): Variable {
  if (isScalar(operand)) return { shape: [], container: "array" };
  if (operand.kind === "array") return { shape: operand.shape, container: operand.container };
  const layout = moved(operand.layout, operand.layout.offset) as StructLayout;
  return { shape: [layout.size], container: "typed", layout };
}

/** The same with offsets that are so much less. */
function moved(layout: Layout, by: number): Layout {
  const offset = layout.offset - by;
  if (layout.kind !== "struct") return { ...layout, offset };
  const fields = Object.entries(layout.fields).map(([name, field]) => [name, moved(field, by)] as const);
  return { ...layout, offset, fields: Object.fromEntries(fields) };
}

/** Copies an operand to an array of its own. */
export function copyOperand(at: Site, operand: Operand, to: ArrayDeclaration): void {
  const b = at.r.builder;
  if (isScalar(operand)) return b.store(to, b.i32(0), b.toF64(operand));
  if (operand.kind === "array") return copy(b, readView(at, operand), wholeView(b, to, operand.shape));
  const { layout: whole } = operand;
  const copyPart = (given: Layout): void => {
    const layout = ownLayout(given);
    if (layout.kind === "struct") return Object.values(layout.fields).forEach(copyPart);
    const part = componentAt(at, operand, layout);
    const offset = b.i32(layout.offset - whole.offset);
    if (layout.kind === "scalar") return b.store(to, offset, b.toF64(toNumber(at, part)));
    const { shape } = layout;
    copy(b, viewOf(at, part, shape), { array: to, offset, shape, strides: rowMajor(shape) });
  };
  copyPart(whole);
}

/** A constant, or an input of the program. */
export function parameter(at: Site, arg: Argument, name: string): Item {
  const b = at.r.builder;
  if (!isVariable(arg)) return Number.isInteger(arg.constant) ? b.i32(arg.constant) : b.f64(arg.constant);
  const { shape, container, layout } = arg;
  if (layout) return new Leaves(at.r, name, layout, "input").item(at, layout);
  const array = b.arrayParameter(name, sizeOf(shape), "input");
  if (!shape.length) return b.load(array, b.i32(0));
  const storage = new Storage(name, "input", array.size, "Float64Array", array);
  return { kind: "array", storage, offset: b.i32(0), shape, strides: rowMajor(shape), container };
}

export function zeros(at: Site, arg: Argument): Item {
  const b = at.r.builder;
  if (!isVariable(arg) || !arg.shape.length) return b.f64(0);
  const item = newArray(at, arg.shape, arg.container);
  b.fill(writeView(at, item).array, b.f64(0));
  return item;
}

/** Stores an item of this shape to an output of the program. */
export function store(at: Site, item: Item, to: ArrayDeclaration, shape: readonly number[]): void {
  const b = at.r.builder;
  if (!shape.length) return b.store(to, b.i32(0), b.toF64(toNumber(at, item)));
  copy(b, viewOf(at, item, shape), wholeView(b, to, shape));
}

function viewOf(at: Site, item: Item, shape: readonly number[]): View {
  if (item && !isScalar(item) && item.kind === "array" && sameShape(item.shape, shape)) return readView(at, item);
  return unreadable(
    at,
    "rule",
    "A rule's result has not the shape it must have",
    `Return an array of shape [${shape.join(", ")}] there: a gradient is shaped like its argument, a tangent like the result.`,
  );
}
