/** Makes values of a program of JavaScript's numbers, and converts between their types. */
import type { Builder } from "../../ir/builder.ts";
import type { ScalarType, Value } from "../../ir/ir.ts";
import { whyNoConstant } from "../constants/hidden-state.ts";
import { asInteger, integerBehind } from "./integers.ts";
import { describe, isScalar, type Item } from "./items.ts";
import { fail, textOf, unreadable, type Site } from "./site.ts";

const INT_MIN = -(2 ** 31);
const INT_MAX = 2 ** 31 - 1;

/** An integer that fits is an i32. (-0 does not.) */
export function constant(b: Builder, x: number): Value {
  return Number.isInteger(x) && x >= INT_MIN && x <= INT_MAX && !Object.is(x, -0) ? b.i32(x) : b.f64(x);
}

/** Constants computed in f64 become integers again where they are. */
export function normalised(b: Builder, value: Value): Value {
  return value.type === "f64" && value.constant !== undefined ? constant(b, value.constant) : value;
}

/** The number that an item is, f64 or i32. Booleans are 0 and 1; `null` is 0. */
export function toNumber(at: Site, item: Item): Value {
  const b = at.r.builder;
  if (isScalar(item)) return item.type === "bool" ? b.operation("i32.from_bool", item) : item;
  if (item.kind === "host" && item.value === null) return b.i32(0);
  // Undefined is no number.
  if (item.kind === "maybe") {
    const [value, nothing] = [toNumber(at, item.item), item.absent.value === null ? 0 : NaN];
    if (value.type === "i32" && nothing === 0) return b.operation("i32.select", item.present, value, b.i32(0));
    const chosen = b.operation("select", item.present, b.toF64(value), b.f64(nothing));
    if (item.absent.value === undefined) at.r.kinds.noteUndefined(chosen);
    return chosen;
  }
  if (item.kind === "host" && item.value === undefined) {
    return unreadable(
      at,
      "undefined",
      `\`${textOf(at)}\` is undefined where a number is needed`,
      "Give it a value on every path before it is used; what is declared outside, before the problem is solved.",
    );
  }
  if (item.kind === "host") requireConstant(at, item.value);
  const remedy =
    item.kind === "array"
      ? "Arithmetic on whole arrays is written with the array operations: add(a, b), mul(a, b), sum(a), ..."
      : "Only numbers and booleans can be computed with.";
  return unreadable(at, "operand", `\`${textOf(at)}\` is ${describe(item)} where a number is needed`, remedy);
}

/** Throws of what is no constant: a promise, a part of the page. */
export function requireConstant(at: Site, value: unknown): void {
  const why = whyNoConstant(value, textOf(at));
  if (why) fail(at, why.Class, why.complaint);
}

export function zeroOf(b: Builder, type: ScalarType): Value {
  return type === "bool" ? b.bool(false) : type === "i32" ? b.i32(0) : b.f64(0);
}

/** Truthiness. */
export function toBool(at: Site, item: Item): Value {
  const b = at.r.builder;
  if (!isScalar(item)) {
    if (item.kind === "unknown") return toNumber(at, item);
    if (item.kind === "row") return item.present ?? b.bool(true);
    if (item.kind === "maybe") return b.operation("bool.and", item.present, toBool(at, item.item));
    return b.bool(item.kind === "host" ? Boolean(item.value) : true);
  }
  if (item.type === "bool") return item;
  if (item.type === "i32") return b.operation("i32.ne", item, b.i32(0));
  // NaN is false.
  return b.operation("bool.or", b.operation("lt", item, b.f64(0)), b.operation("gt", item, b.f64(0)));
}

/** ToInt32, as `x | 0`. */
export function toInt32(b: Builder, value: Value): Value {
  return asInteger(b, value) ?? truncatedQuotient(b, value) ?? b.operation("i32.wrap_f64", value);
}

/** ToUint32, as `x >>> 0`. */
export function toUint32(b: Builder, value: Value): Value {
  const bits = toInt32(b, value);
  if (bits.min >= 0) return bits;
  const number = b.toF64(bits);
  const negative = b.operation("i32.lt", bits, b.i32(0));
  return b.operation("select", negative, b.operation("add", number, b.f64(2 ** 32)), number);
}

/** The number of an element: -1, where there is none, for what is no integer. */
export function toElementIndex(b: Builder, value: Value): Value {
  const exact = asInteger(b, value);
  if (exact) return exact;
  const integer = b.operation("i32.from_f64", value);
  return b.operation("i32.select", b.operation("eq", b.toF64(integer), b.toF64(value)), integer, b.i32(-1));
}

/** A number cut off to an integer. */
export function toIndex(b: Builder, value: Value): Value {
  return asInteger(b, value) ?? b.operation("i32.from_f64", value);
}

/** i32 / positive constant, computed in f64: the same quotient truncated, as integers, where the dividend is `least` or more. */
export function truncatedQuotient(b: Builder, value: Value, least = INT_MIN): Value | undefined {
  const definition = value.definition;
  if (definition?.kind !== "let") return undefined;
  const [dividend, by] = definition.args;
  const integer = integerBehind(dividend);
  if (!integer || integer.min < least || by?.constant === undefined) return undefined;
  // Division by a power of two was turned into multiplication.
  const divisor = definition.operation === "div" ? by.constant : definition.operation === "mul" ? 1 / by.constant : NaN;
  if (!Number.isInteger(divisor) || divisor < 1 || divisor > INT_MAX) return undefined;
  return b.operation("i32.div", integer, b.i32(divisor));
}

export function fitsInt32(min: number, max: number): boolean {
  return min >= INT_MIN && max <= INT_MAX;
}
