/** Applies operators to numbers. Integers stay integers where their intervals prove that nothing overflows. */
import type { Builder } from "../../ir/builder.ts";
import type { Value } from "../../ir/ir.ts";
import type { ScalarOperationName } from "../../ir/scalar-operations.ts";
import { constant, fitsInt32, normalised, toInt32, toUint32 } from "../state/numbers.ts";
import { isCounter } from "./reach.ts";
import { quotient } from "./quotient.ts";

type Binary = (b: Builder, x: Value, y: Value) => Value;

/** What counters are moved by. */
const SMALL_STEP = 16;

function inF64(b: Builder, name: ScalarOperationName, x: Value, y: Value): Value {
  return normalised(b, b.operation(name, b.toF64(x), b.toF64(y)));
}

function areIntegers(x: Value, y: Value): boolean {
  return x.type === "i32" && y.type === "i32";
}

function isStep(x: Value): boolean {
  return x.constant !== undefined && Math.abs(x.constant) <= SMALL_STEP;
}

function add(b: Builder, x: Value, y: Value): Value {
  if (areIntegers(x, y)) {
    if (fitsInt32(x.min + y.min, x.max + y.max) || (isCounter(x) && isStep(y))) return b.operation("i32.add", x, y);
    if (isStep(x) && isCounter(y)) return b.operation("i32.add", y, x);
  }
  return inF64(b, "add", x, y);
}

function sub(b: Builder, x: Value, y: Value): Value {
  if (areIntegers(x, y) && (fitsInt32(x.min - y.max, x.max - y.min) || (isCounter(x) && isStep(y))))
    return b.operation("i32.sub", x, y);
  return inF64(b, "sub", x, y);
}

function mul(b: Builder, x: Value, y: Value): Value {
  if (areIntegers(x, y)) {
    const corners = [x.min * y.min, x.min * y.max, x.max * y.min, x.max * y.max];
    // Nothing times what is negative is -0.
    const isSigned = (x.constant === 0 && y.min < 0) || (y.constant === 0 && x.min < 0);
    if (!isSigned && fitsInt32(Math.min(...corners), Math.max(...corners))) return b.operation("i32.mul", x, y);
  }
  return inF64(b, "mul", x, y);
}

function rem(b: Builder, x: Value, y: Value): Value {
  const isZero = x.constant !== undefined && y.constant !== undefined && Object.is(x.constant % y.constant, -0);
  if (areIntegers(x, y) && (y.min > 0 || y.max < 0) && !isZero) {
    const integer = b.operation("i32.rem", x, y);
    // What was made simpler has no sign any more.
    if (x.min >= 0 || integer === x || operationOf(integer) === "i32.rem" || integer.min > 0 || integer.max < 0) return integer;
  }
  return inF64(b, "rem", x, y);
}

function operationOf({ definition }: Value): string | undefined {
  return definition?.kind === "let" ? definition.operation : undefined;
}

function bitwise(name: ScalarOperationName): Binary {
  return (b, x, y) => b.operation(name, toInt32(b, x), toInt32(b, y));
}

/** `x >>> y` */
function unsignedShift(b: Builder, x: Value, y: Value): Value {
  const bits = toInt32(b, x);
  const by = toInt32(b, y);
  if (bits.min >= 0) return b.operation("i32.shr", bits, by);
  if (by.constant === undefined) {
    const divisor = b.operation("pow", b.f64(2), b.toF64(b.operation("i32.and", by, b.i32(31))));
    return b.operation("floor", b.operation("div", b.toF64(toUint32(b, bits)), divisor));
  }
  const bitCount = by.constant & 31;
  if (bitCount === 0) return toUint32(b, bits);
  return b.operation("i32.and", b.operation("i32.shr", bits, by), b.i32(2 ** (32 - bitCount) - 1));
}

function comparison(name: "lt" | "le" | "gt" | "ge" | "eq" | "ne"): Binary {
  return (b, x, y) => (areIntegers(x, y) ? b.operation(`i32.${name}`, x, y) : b.operation(name, b.toF64(x), b.toF64(y)));
}

export const binaryOperators: Readonly<Record<string, Binary>> = {
  "+": add,
  "-": sub,
  "*": mul,
  "/": (b, x, y) => normalised(b, quotient(b, b.toF64(x), b.toF64(y))),
  "%": rem,
  "**": (b, x, y) => inF64(b, "pow", x, y),
  "|": bitwise("i32.or"),
  "&": bitwise("i32.and"),
  "^": bitwise("i32.xor"),
  "<<": bitwise("i32.shl"),
  ">>": bitwise("i32.shr"),
  ">>>": unsignedShift,
  "<": comparison("lt"),
  "<=": comparison("le"),
  ">": comparison("gt"),
  ">=": comparison("ge"),
  "==": comparison("eq"),
  "===": comparison("eq"),
  "!=": comparison("ne"),
  "!==": comparison("ne"),
};

export function negated(b: Builder, x: Value): Value {
  if (x.constant !== undefined) return constant(b, -x.constant);
  // Of 0 it is -0, which `0 - x` is not.
  if (x.type === "i32" && fitsInt32(-x.max, -x.min)) return b.operation("i32.mul", x, b.i32(-1));
  return b.operation("neg", b.toF64(x));
}
