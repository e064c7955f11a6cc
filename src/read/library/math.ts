/** Computes the functions of `Math`; those of integers stay integers where they can. */
import type { Builder } from "../../ir/builder.ts";
import type { Value } from "../../ir/ir.ts";
import type { ScalarOperationName } from "../../ir/scalar-operations.ts";
import { mayBeMinusZero } from "../../ir/minus-zero.ts";
import { binaryOperators } from "../values/arithmetic.ts";
import { integerBehind } from "../state/integers.ts";
import { isFiniteNumber } from "../values/not-a-number.ts";
import { normalised, toInt32, truncatedQuotient } from "../state/numbers.ts";

export type NumberFunction = (b: Builder, ...args: Value[]) => Value;

function inF64(name: ScalarOperationName): NumberFunction {
  return (b, x) => normalised(b, b.operation(name, b.toF64(x)));
}

/** Rounding, which leaves integers alone. */
function rounding(name: "floor" | "ceil" | "trunc" | "round"): NumberFunction {
  return (b, x) => {
    if (x.type === "i32") return x;
    // Below 0 floor is another, and -0.5 is cut off to -0.
    const quotient = name === "floor" || name === "trunc" ? truncatedQuotient(b, x, 0) : undefined;
    return quotient ?? inF64(name)(b, x);
  };
}

/** The smaller or larger of any number of arguments. */
function extremum(name: "min" | "max", none: number): NumberFunction {
  const before = name === "min" ? "i32.lt" : "i32.gt";
  const two = (b: Builder, x: Value, y: Value): Value => {
    const isSigned = mayBeMinusZero(x) || mayBeMinusZero(y);
    if (x.type === "i32" && y.type === "i32" && !isSigned) return b.operation("i32.select", b.operation(before, x, y), x, y);
    return normalised(b, b.operation(name, b.toF64(x), b.toF64(y)));
  };
  return (b, ...args) => (args.length ? args.reduce((x, y) => two(b, x, y)) : b.f64(none));
}

const unaryNames = [
  "sqrt",
  "cbrt",
  "exp",
  "expm1",
  "log",
  "log1p",
  "log2",
  "log10",
  "sin",
  "cos",
  "tan",
  "asin",
  "acos",
  "atan",
  "sinh",
  "cosh",
  "tanh",
  "asinh",
  "acosh",
  "atanh",
  "sign",
  "fround",
] as const;

export const mathFunctions: Readonly<Record<string, NumberFunction>> = {
  ...Object.fromEntries(unaryNames.map((name) => [name, inF64(name)])),
  floor: rounding("floor"),
  ceil: rounding("ceil"),
  trunc: rounding("trunc"),
  round: rounding("round"),
  abs: (b, x) => {
    if (x.type === "f64" || x.min === -(2 ** 31)) return inF64("abs")(b, x);
    if (mayBeMinusZero(x)) return inF64("abs")(b, x);
    return x.min >= 0 ? x : b.operation("i32.select", b.operation("i32.lt", x, b.i32(0)), b.operation("i32.sub", b.i32(0), x), x);
  },
  min: extremum("min", Infinity),
  max: extremum("max", -Infinity),
  pow: (b, x, y) => binaryOperators["**"](b, x, y),
  atan2: (b, y, x) => normalised(b, b.operation("atan2", b.toF64(y), b.toF64(x))),
  hypot: (b, ...args) => {
    if (args.length === 0) return b.i32(0);
    const [first, ...rest] = args.map((arg) => b.toF64(arg));
    return rest.length ? rest.reduce((x, y) => b.operation("hypot", x, y), first) : b.operation("abs", first);
  },
  imul: (b, x, y) => {
    const product = b.operation("i32.mul", toInt32(b, x), toInt32(b, y));
    return mayBeMinusZero(product) ? b.operation("i32.and", product, b.i32(-1)) : product;
  },
  clz32: (b, x) => b.operation("i32.clz", toInt32(b, x)),
};

export function isIntegerNumber(b: Builder, x: Value): Value {
  if (x.type === "i32" || integerBehind(x)) return b.bool(true);
  return b.operation("bool.and", isFiniteNumber(b, x), b.operation("eq", b.operation("trunc", x), x));
}
