/**
 * Declares the arguments of functions that are programs of their own: as parameters of the program, and as the function sees
 * them.
 */
import { rowMajor, sameShape, sizeOf } from "../../arrays/shape.ts";
import { copy, wholeView, type View } from "../../operations/view.ts";
import type { ArrayDeclaration, Value } from "../../ir/ir.ts";
import { newArray, readView, writeView } from "../values/arrays.ts";
import { isScalar, type ArrayItem, type Item } from "../state/items.ts";
import { toNumber } from "../state/numbers.ts";
import { unreadable, type Site } from "../state/site.ts";
import { Storage } from "../state/storage.ts";

/** A number ([]), or an array. */
export interface Variable {
  readonly shape: readonly number[];
  readonly container: ArrayItem["container"];
}

/** What a function is compiled for. */
export type Argument = { readonly constant: number } | Variable;

export function isVariable(arg: Argument): arg is Variable {
  return "shape" in arg;
}

export function argumentOf(operand: ArrayItem | Value): Argument {
  if (!isScalar(operand)) return { shape: operand.shape, container: operand.container };
  return operand.constant === undefined ? { shape: [], container: "array" } : { constant: operand.constant };
}

/** As {@link argumentOf}, also of constants. */
export function variableOf(operand: ArrayItem | Value): Variable {
  return isScalar(operand) ? { shape: [], container: "array" } : { shape: operand.shape, container: operand.container };
}

/** A constant, or an input of the program. */
export function parameter(at: Site, arg: Argument, name: string): Item {
  const b = at.r.builder;
  if (!isVariable(arg)) return Number.isInteger(arg.constant) ? b.i32(arg.constant) : b.f64(arg.constant);
  const { shape, container } = arg;
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
