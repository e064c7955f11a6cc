/** Integers that JavaScript has as -0: an i32 has no such number, and becomes one where it becomes an f64. */
import { memo } from "../core/memo.ts";
import type { StraightBuilder } from "./straight-builder.ts";
import type { Value } from "./ir.ts";

const nothingElse = (): boolean => false;

/** `isNonNegative`: what is known beside intervals. */
export function mayBeMinusZero(x: Value, isNonNegative: (x: Value) => boolean = nothingElse): boolean {
  if (x.type !== "i32" || x.definition?.kind !== "let" || x.min > 0 || x.max < 0) return false;
  return mayBeByIntervals(x) && (isNonNegative === nothingElse || compute(x, isNonNegative));
}

const mayBeByIntervals = memo((x: Value) => compute(x, nothingElse));

function compute({ definition }: Value, isNonNegative: (x: Value) => boolean): boolean {
  if (definition?.kind !== "let") return false;
  const [a, b, c] = definition.args;
  const may = (value: Value): boolean => mayBeMinusZero(value, isNonNegative);
  const mayBeZero = (value: Value): boolean => value.min <= 0 && value.max >= 0;
  const mayBeNegative = (value: Value): boolean => value.min < 0 && !isNonNegative(value);
  switch (definition.operation) {
    case "i32.mul":
      if (mayWrap(a, b)) return false;
      return (mayBeZero(a) && mayBeNegative(b)) || (mayBeZero(b) && mayBeNegative(a)) || may(a) || may(b);
    case "i32.rem":
      return mayBeNegative(a) || may(a);
    case "i32.add":
      return may(a) && may(b);
    case "i32.sub":
      return may(a) && mayBeZero(b);
    case "i32.select":
      return may(b) || may(c);
    default:
      return false;
  }
}

/** As `Math.imul` does, which knows no -0. */
function mayWrap(a: Value, b: Value): boolean {
  const corners = [a.min * b.min, a.min * b.max, a.max * b.min, a.max * b.max];
  return Math.min(...corners) < -(2 ** 31) || Math.max(...corners) >= 2 ** 31;
}

/** An integer as the f64 that JavaScript has. */
export function withSign(b: StraightBuilder, x: Value): Value {
  if (!mayBeMinusZero(x) || x.definition?.kind !== "let") return b.operation("f64.from_i32", x);
  const { operation, args } = x.definition;
  if (operation === "i32.select") return b.operation("select", args[0], b.toF64(args[1]), b.toF64(args[2]));
  const [y, z] = args.map((arg) => b.toF64(arg));
  return b.operation(operation.slice("i32.".length) as "mul" | "rem" | "add" | "sub", y, z);
}
