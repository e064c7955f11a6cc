/**
 * The scalar operations: each is declared once, with its plain value, its derivative rule, its cost and its emitters.
 * The map is total over its own keys: an operation without a rule does not type-check.
 *
 * `partials` gives, for each argument, the partial derivative of the result as a value built from the arguments and the
 * result; `null` stands for a derivative that is zero everywhere it exists.
 */
import type { ScalarType, Value } from "./ir.ts";

/** The names are listed, so that the table below must hold each of them. */
export type ScalarOperationName =
  | "add"
  | "sub"
  | "mul"
  | "mul.where"
  | "div"
  | "rem"
  | "pow"
  | "neg"
  | "min"
  | "max"
  | "abs"
  | "sign"
  | "floor"
  | "ceil"
  | "trunc"
  | "round"
  | "fround"
  | "sqrt"
  | "cbrt"
  | "exp"
  | "expm1"
  | "log"
  | "log1p"
  | "log2"
  | "log10"
  | "sin"
  | "cos"
  | "tan"
  | "asin"
  | "acos"
  | "atan"
  | "atan2"
  | "hypot"
  | "sinh"
  | "cosh"
  | "tanh"
  | "asinh"
  | "acosh"
  | "atanh"
  | "finite"
  | "lt"
  | "le"
  | "gt"
  | "ge"
  | "eq"
  | "ne"
  | "select"
  | "i32.add"
  | "i32.sub"
  | "i32.mul"
  | "i32.div"
  | "i32.rem"
  | "i32.and"
  | "i32.or"
  | "i32.xor"
  | "i32.shl"
  | "i32.shr"
  | "i32.clz"
  | "i32.lt"
  | "i32.le"
  | "i32.gt"
  | "i32.ge"
  | "i32.eq"
  | "i32.ne"
  | "i32.select"
  | "bool.and"
  | "bool.or"
  | "bool.not"
  | "bool.select"
  | "f64.from_i32"
  | "i32.from_bool"
  | "i32.from_f64"
  | "i32.wrap_f64";

/** What derivative rules build with: the program builder, seen narrowly. */
export interface RuleBuilder {
  operation(name: ScalarOperationName, ...args: Value[]): Value;
  f64(constant: number): Value;
}

type Partial = Value | null;

export interface ScalarOperation {
  readonly args: readonly ScalarType[];
  readonly result: ScalarType;
  readonly value: (...args: number[]) => number;
  /**
   * Undefined where no argument is an f64 or the result is none: nothing to derive. A rule builds every partial whatever its
   * arguments are: reverse mode hands it constant NaNs for those that the wanted partials do not read.
   */
  readonly partials?: (b: RuleBuilder, args: readonly Value[], result: Value) => readonly Partial[];
  /** When an operation that passes one of its last two arguments on passes the first of these. */
  readonly choice?: (b: RuleBuilder, args: readonly Value[]) => Value;
  /** About one nanosecond of scalar code is 1. */
  readonly cost: number;
  /** An expression; arguments come parenthesised where needed. */
  readonly javascript: (...args: string[]) => string;
  /**
   * A WebAssembly instruction, `Math.<name>` to import, or one lane of the vector function of that name; none (an empty string) where the
   * result is the argument itself. Undefined: made of others when a program is compiled, see passes/lower.ts.
   */
  readonly wasm: string | { readonly math: string } | { readonly vector: ScalarOperationName } | undefined;
  /** The f64x2 (or v128) instruction for two lanes, where there is one. */
  readonly simd?: string;
  readonly wgsl: (...args: string[]) => string;
  /** May be evaluated, derivative too, where the program would not have (a branch not taken) without making NaN or a trap. */
  readonly speculative: boolean;
}

const F1: readonly ScalarType[] = ["f64"];
const F2: readonly ScalarType[] = ["f64", "f64"];
const I1: readonly ScalarType[] = ["i32"];
const I2: readonly ScalarType[] = ["i32", "i32"];
const B2: readonly ScalarType[] = ["bool", "bool"];

type Rule = NonNullable<ScalarOperation["partials"]>;

function infix(symbol: string): (a: string, b: string) => string {
  return (a, b) => `(${a} ${symbol} ${b})`;
}

function math(name: string): (...args: string[]) => string {
  return (...args) => `Math.${name}(${args.join(", ")})`;
}

function plain(name: string): (...args: string[]) => string {
  return (...args) => `${name}(${args.join(", ")})`;
}

/** A function of `Math` with one argument. */
function unary(
  name: keyof Math & string,
  partial: (b: RuleBuilder, x: Value, y: Value) => Partial,
  options: Pick<ScalarOperation, "cost"> & {
    wasm?: string;
    simd?: string;
    wgsl?: string | ((x: string) => string);
    speculative?: boolean;
  },
): ScalarOperation {
  return {
    args: F1,
    result: "f64",
    value: Math[name] as (x: number) => number,
    partials: (b, [x], y) => [partial(b, x, y)],
    cost: options.cost,
    javascript: math(name),
    wasm: options.wasm ?? { math: name },
    simd: options.simd,
    wgsl: typeof options.wgsl === "function" ? options.wgsl : plain(options.wgsl ?? name),
    speculative: options.speculative ?? false,
  };
}

function arithmetic(
  value: (a: number, b: number) => number,
  symbol: string,
  instruction: string,
  partials: Rule,
  cost: number,
  speculative: boolean,
): ScalarOperation {
  return {
    args: F2,
    result: "f64",
    value,
    partials,
    cost,
    javascript: infix(symbol),
    wasm: `f64.${instruction}`,
    simd: `f64x2.${instruction}`,
    wgsl: infix(symbol),
    speculative,
  };
}

function comparison(value: (a: number, b: number) => boolean, symbol: string, name: string, integer: boolean): ScalarOperation {
  const signed = name === "eq" || name === "ne" ? "" : "_s";
  return {
    args: integer ? I2 : F2,
    result: "bool",
    value: (a, b) => Number(value(a, b)),
    cost: 0.3,
    javascript: infix(symbol),
    wasm: integer ? `i32.${name}${signed}` : `f64.${name}`,
    simd: integer ? undefined : `f64x2.${name}`,
    wgsl: infix(symbol.slice(0, 2)),
    speculative: true,
  };
}

function integer(
  value: (a: number, b: number) => number,
  javascript: (a: string, b: string) => string,
  instruction: string,
  wgsl: (a: string, b: string) => string,
  speculative = true,
): ScalarOperation {
  return { args: I2, result: "i32", value, cost: 0.3, javascript, wasm: `i32.${instruction}`, wgsl, speculative };
}

function select(type: ScalarType): ScalarOperation {
  return {
    args: ["bool", type, type],
    result: type,
    value: (c, a, b) => (c ? a : b),
    partials:
      type === "f64"
        ? (b, [c]) => [null, b.operation("select", c, b.f64(1), b.f64(0)), b.operation("select", c, b.f64(0), b.f64(1))]
        : undefined,
    choice: type === "f64" ? (_b, [c]) => c : undefined,
    cost: 0.5,
    javascript: (c, a, b) => `(${c} ? ${a} : ${b})`,
    wasm: "select",
    simd: type === "f64" ? "v128.bitselect" : undefined,
    wgsl: (c, a, b) => `select(${b}, ${a}, ${c})`,
    speculative: true,
  };
}

function extremum(name: "min" | "max"): ScalarOperation {
  const first = name === "min" ? "le" : "ge";
  return {
    args: F2,
    result: "f64",
    value: Math[name],
    partials: (b, [x, y]) => {
      const c = b.operation(first, x, y);
      return [b.operation("select", c, b.f64(1), b.f64(0)), b.operation("select", c, b.f64(0), b.f64(1))];
    },
    choice: (b, [x, y]) => b.operation(first, x, y),
    cost: 0.5,
    javascript: math(name),
    wasm: `f64.${name}`,
    simd: `f64x2.${name}`,
    wgsl: plain(name === "min" ? "smaller" : "larger"),
    speculative: true,
  };
}

const one = (b: RuleBuilder): Value => b.f64(1);
const times = (b: RuleBuilder, x: Value, y: Value): Value => b.operation("mul", x, y);
const over = (b: RuleBuilder, x: Value, y: Value): Value => b.operation("div", x, y);
const plus = (b: RuleBuilder, x: Value, y: Value): Value => b.operation("add", x, y);
const minus = (b: RuleBuilder, x: Value, y: Value): Value => b.operation("sub", x, y);
const negative = (b: RuleBuilder, x: Value): Value => b.operation("neg", x);
const squareRoot = (b: RuleBuilder, x: Value): Value => b.operation("sqrt", x);

/** y x^(y-1), not x^y y / x, which is 0/0 at x = 0. The 0th power is 1 there too. */
function powerByBase(b: RuleBuilder, x: Value, y: Value, result: Value): Value {
  const growing = times(b, y, b.operation("pow", x, minus(b, y, one(b))));
  // Of a power that is infinite at 0 the slope counts.
  const isLarge = b.operation("gt", b.operation("abs", x), one(b));
  const slope = b.operation("select", isLarge, unlessOverflown(b, b.operation("abs", result), growing), growing);
  // NaN: a constant that only the run knows.
  const isOpen = y.constant === undefined || !(Math.abs(y.constant) > 0);
  return isOpen ? b.operation("select", b.operation("eq", y, b.f64(0)), b.f64(0), slope) : slope;
}

/** x^y log x. As a function of y, 0^y is 0 for y > 0, and has no derivative at 0. */
function powerByExponent(b: RuleBuilder, x: Value, y: Value, result: Value): Value {
  const atZero = b.operation("select", b.operation("gt", y, b.f64(0)), b.f64(0), b.f64(NaN));
  return b.operation(
    "select",
    b.operation("eq", x, b.f64(0)),
    atZero,
    unlessOverflown(b, result, times(b, result, b.operation("log", x))),
  );
}

/**
 * A slope, which is 0 where the value is too large for a number: what is finite of it then, such as 1 / (1 + exp(x)), rests at its limit,
 * and an infinite slope would make NaN of that.
 */
function unlessOverflown(b: RuleBuilder, value: Value, slope: Value): Value {
  return b.operation("select", b.operation("eq", value, b.f64(Infinity)), b.f64(0), slope);
}

/** The operations table. */
export const scalarOperations: Record<ScalarOperationName, ScalarOperation> = {
  add: arithmetic(
    (a, b) => a + b,
    "+",
    "add",
    (b) => [one(b), one(b)],
    0.5,
    true,
  ),
  sub: arithmetic(
    (a, b) => a - b,
    "-",
    "sub",
    (b) => [one(b), b.f64(-1)],
    0.5,
    true,
  ),
  mul: arithmetic(
    (a, b) => a * b,
    "*",
    "mul",
    (_b, [x, y]) => [y, x],
    0.5,
    true,
  ),
  /** A product where a condition holds; elsewhere 0, whatever the second factor is: the first one is 0 there. See derive/contribution.ts. */
  "mul.where": {
    args: ["bool", "f64", "f64"],
    result: "f64",
    value: (c: number, x: number, y: number) => (c ? x * y : 0),
    partials: (b, [c, x, y]) => [null, y, b.operation("select", c, x, b.f64(0))],
    cost: 1,
    javascript: (c: string, x: string, y: string) => `(${c} ? ${x} * ${y} : 0)`,
    wasm: undefined,
    wgsl: (c: string, x: string, y: string) => `select(0.0, ${x} * ${y}, ${c})`,
    speculative: true,
  },
  div: arithmetic(
    (a, b) => a / b,
    "/",
    "div",
    (b, [, y], q) => {
      const inverse = over(b, one(b), y);
      return [inverse, negative(b, times(b, q, inverse))];
    },
    3,
    false,
  ),
  /** IEEE remainder of JavaScript's `%`: the sign of the dividend. */
  rem: {
    args: F2,
    result: "f64",
    value: (a: number, b: number) => a % b,
    partials: (b, [x, y]) => [one(b), negative(b, b.operation("trunc", over(b, x, y)))],
    cost: 25,
    javascript: infix("%"),
    wasm: { math: "rem" },
    wgsl: infix("%"),
    speculative: false,
  },
  pow: {
    args: F2,
    result: "f64",
    value: (a: number, b: number) => a ** b,
    partials: (b, [x, y], result) => [
      powerByBase(b, x, y, result),
      y.constant === undefined ? powerByExponent(b, x, y, result) : null,
    ],
    cost: 40,
    javascript: math("pow"),
    wasm: { vector: "pow" },
    wgsl: plain("power"),
    speculative: false,
  },
  neg: {
    args: F1,
    result: "f64",
    value: (a: number) => -a,
    partials: (b) => [b.f64(-1)],
    cost: 0.5,
    javascript: (a: string) => `(-${a})`,
    wasm: "f64.neg",
    simd: "f64x2.neg",
    wgsl: (a: string) => `(-${a})`,
    speculative: true,
  },
  min: extremum("min"),
  max: extremum("max"),
  abs: unary("abs", (b, x) => b.operation("sign", x), { cost: 0.5, wasm: "f64.abs", simd: "f64x2.abs", speculative: true }),
  sign: unary("sign", () => null, { cost: 1, speculative: true }),
  floor: unary("floor", () => null, { cost: 0.5, wasm: "f64.floor", simd: "f64x2.floor", speculative: true }),
  ceil: unary("ceil", () => null, { cost: 0.5, wasm: "f64.ceil", simd: "f64x2.ceil", speculative: true }),
  trunc: unary("trunc", () => null, { cost: 0.5, wasm: "f64.trunc", simd: "f64x2.trunc", speculative: true }),
  /** JavaScript's: halves go up, unlike WebAssembly's `nearest`. */
  round: unary("round", () => null, { cost: 2, wgsl: (x) => `floor(${x} + 0.5)`, speculative: true }),
  fround: unary("fround", one, { cost: 0.5, wgsl: (x) => x, speculative: true }),
  sqrt: unary("sqrt", (b, _x, y) => over(b, b.f64(0.5), y), { cost: 4, wasm: "f64.sqrt", simd: "f64x2.sqrt" }),
  cbrt: unary("cbrt", (b, _x, y) => over(b, b.f64(1 / 3), times(b, y, y)), {
    cost: 12,
    wgsl: "cubeRoot",
  }),
  exp: unary("exp", (b, _x, y) => unlessOverflown(b, y, y), { cost: 8 }),
  expm1: unary("expm1", (b, _x, y) => unlessOverflown(b, y, plus(b, y, one(b))), { cost: 10, wgsl: "expMinusOne" }),
  log: unary("log", (b, x) => over(b, one(b), x), { wgsl: "logarithm", cost: 8 }),
  log1p: unary("log1p", (b, x) => over(b, one(b), plus(b, one(b), x)), { cost: 10, wgsl: "logOnePlus" }),
  log2: unary("log2", (b, x) => over(b, b.f64(Math.LOG2E), x), { cost: 9, wgsl: (x) => `(logarithm(${x}) * 1.442695041)` }),
  log10: unary("log10", (b, x) => over(b, b.f64(Math.LOG10E), x), { cost: 9, wgsl: (x) => `(logarithm(${x}) * 0.4342944819)` }),
  sin: unary("sin", (b, x) => b.operation("cos", x), { wgsl: "sine", cost: 10, speculative: true }),
  cos: unary("cos", (b, x) => negative(b, b.operation("sin", x)), { wgsl: "cosine", cost: 10, speculative: true }),
  tan: unary("tan", (b, _x, y) => plus(b, one(b), times(b, y, y)), { wgsl: "tangent", cost: 12 }),
  asin: unary("asin", (b, x) => over(b, one(b), squareRoot(b, minus(b, one(b), times(b, x, x)))), { wgsl: "arcSine", cost: 10 }),
  acos: unary("acos", (b, x) => over(b, b.f64(-1), squareRoot(b, minus(b, one(b), times(b, x, x)))), {
    wgsl: "arcCosine",
    cost: 10,
  }),
  atan: unary("atan", (b, x) => over(b, one(b), plus(b, one(b), times(b, x, x))), {
    wgsl: "arcTangent",
    cost: 10,
    speculative: true,
  }),
  atan2: {
    args: F2,
    result: "f64",
    value: Math.atan2,
    partials: (b, [y, x]) => {
      const square = plus(b, times(b, x, x), times(b, y, y));
      return [over(b, x, square), negative(b, over(b, y, square))];
    },
    cost: 15,
    javascript: math("atan2"),
    wasm: { math: "atan2" },
    wgsl: plain("arcTangent2"),
    speculative: false,
  },
  hypot: {
    args: F2,
    result: "f64",
    value: Math.hypot,
    partials: (b, [x, y], r) => [over(b, x, r), over(b, y, r)],
    cost: 10,
    javascript: math("hypot"),
    wasm: { math: "hypot" },
    wgsl: (x: string, y: string) => `length(vec2(${x}, ${y}))`,
    speculative: false,
  },
  sinh: unary("sinh", (b, x, y) => unlessOverflown(b, b.operation("abs", y), b.operation("cosh", x)), {
    wgsl: "hyperbolicSine",
    cost: 15,
  }),
  cosh: unary("cosh", (b, x, y) => unlessOverflown(b, y, b.operation("sinh", x)), { cost: 15 }),
  tanh: unary("tanh", (b, _x, y) => minus(b, one(b), times(b, y, y)), {
    cost: 12,
    wgsl: "hyperbolicTangent",
    speculative: true,
  }),
  asinh: unary("asinh", (b, x) => over(b, one(b), squareRoot(b, plus(b, times(b, x, x), one(b)))), {
    wgsl: "areaSine",
    cost: 15,
    speculative: true,
  }),
  acosh: unary("acosh", (b, x) => over(b, one(b), squareRoot(b, minus(b, times(b, x, x), one(b)))), {
    wgsl: "areaCosine",
    cost: 15,
  }),
  atanh: unary("atanh", (b, x) => over(b, one(b), minus(b, one(b), times(b, x, x))), { wgsl: "areaTangent", cost: 15 }),

  /** Neither infinite nor NaN. GPUs look at the bits: their compilers may take it that floats are numbers, and leave comparisons out. */
  finite: {
    args: F1,
    result: "bool",
    value: (a: number) => Number(Number.isFinite(a)),
    cost: 0.5,
    javascript: (a: string) => `Number.isFinite(${a})`,
    wasm: undefined,
    wgsl: plain("isFinite"),
    speculative: true,
  },
  lt: comparison((a, b) => a < b, "<", "lt", false),
  le: comparison((a, b) => a <= b, "<=", "le", false),
  gt: comparison((a, b) => a > b, ">", "gt", false),
  ge: comparison((a, b) => a >= b, ">=", "ge", false),
  eq: comparison((a, b) => a === b, "===", "eq", false),
  ne: comparison((a, b) => a !== b, "!==", "ne", false),
  select: select("f64"),

  "i32.add": integer(
    (a, b) => (a + b) | 0,
    (a, b) => `(${a} + ${b} | 0)`,
    "add",
    infix("+"),
  ),
  "i32.sub": integer(
    (a, b) => (a - b) | 0,
    (a, b) => `(${a} - ${b} | 0)`,
    "sub",
    infix("-"),
  ),
  "i32.mul": integer(Math.imul, math("imul"), "mul", infix("*")),
  /** Truncated quotient and the remainder with the dividend's sign; the divisor is never zero (the reader sees to it). */
  "i32.div": integer(
    (a, b) => (a / b) | 0,
    (a, b) => `(${a} / ${b} | 0)`,
    "div_s",
    infix("/"),
    false,
  ),
  "i32.rem": integer(
    (a, b) => (a % b) | 0,
    (a, b) => `(${a} % ${b} | 0)`,
    "rem_s",
    infix("%"),
    false,
  ),
  "i32.and": integer((a, b) => a & b, infix("&"), "and", infix("&")),
  "i32.or": integer((a, b) => a | b, infix("|"), "or", infix("|")),
  "i32.xor": integer((a, b) => a ^ b, infix("^"), "xor", infix("^")),
  "i32.shl": integer(
    (a, b) => a << b,
    infix("<<"),
    "shl",
    (a, b) => `(${a} << u32(${b} & 31))`,
  ),
  "i32.shr": integer(
    (a, b) => a >> b,
    infix(">>"),
    "shr_s",
    (a, b) => `(${a} >> u32(${b} & 31))`,
  ),
  "i32.clz": {
    args: I1,
    result: "i32",
    value: Math.clz32,
    cost: 0.3,
    javascript: math("clz32"),
    wasm: "i32.clz",
    wgsl: (a: string) => `i32(countLeadingZeros(u32(${a})))`,
    speculative: true,
  },
  "i32.lt": comparison((a, b) => a < b, "<", "lt", true),
  "i32.le": comparison((a, b) => a <= b, "<=", "le", true),
  "i32.gt": comparison((a, b) => a > b, ">", "gt", true),
  "i32.ge": comparison((a, b) => a >= b, ">=", "ge", true),
  "i32.eq": comparison((a, b) => a === b, "===", "eq", true),
  "i32.ne": comparison((a, b) => a !== b, "!==", "ne", true),
  "i32.select": select("i32"),

  "bool.and": {
    args: B2,
    result: "bool",
    value: (a: number, b: number) => a & b,
    cost: 0.3,
    javascript: infix("&"),
    wasm: "i32.and",
    simd: "v128.and",
    wgsl: infix("&"),
    speculative: true,
  },
  "bool.or": {
    args: B2,
    result: "bool",
    value: (a: number, b: number) => a | b,
    cost: 0.3,
    javascript: infix("|"),
    wasm: "i32.or",
    simd: "v128.or",
    wgsl: infix("|"),
    speculative: true,
  },
  "bool.not": {
    args: ["bool"],
    result: "bool",
    value: (a: number) => 1 - a,
    cost: 0.3,
    javascript: (a: string) => `(!${a})`,
    wasm: "i32.eqz",
    simd: "v128.not",
    wgsl: (a: string) => `(!${a})`,
    speculative: true,
  },
  "bool.select": select("bool"),

  /** Exact widening of an i32 to a JavaScript number. */
  "f64.from_i32": {
    args: I1,
    result: "f64",
    value: (a: number) => a,
    cost: 0.5,
    javascript: (a: string) => a,
    wasm: "f64.convert_i32_s",
    wgsl: (a: string) => `f32(${a})`,
    speculative: true,
  },
  /** 1 for true, 0 for false. */
  "i32.from_bool": {
    args: ["bool"],
    result: "i32",
    value: (a: number) => a,
    cost: 0.1,
    javascript: (a: string) => `(${a} ? 1 : 0)`,
    wasm: "",
    wgsl: (a: string) => `select(0, 1, ${a})`,
    speculative: true,
  },
  /** An index computed in f64, known to be an integer within range: truncation. */
  "i32.from_f64": {
    args: F1,
    result: "i32",
    value: (a: number) => Math.trunc(a) | 0,
    cost: 0.5,
    javascript: (a: string) => `(${a} | 0)`,
    wasm: "i32.trunc_sat_f64_s",
    wgsl: (a: string) => `i32(${a})`,
    speculative: true,
  },
  /** JavaScript's ToInt32 (`x | 0` of a number that may be out of range). */
  "i32.wrap_f64": {
    args: F1,
    result: "i32",
    value: (a: number) => a | 0,
    cost: 2,
    javascript: (a: string) => `(${a} | 0)`,
    wasm: { math: "wrap" },
    wgsl: (a: string) => `i32(${a})`,
    speculative: true,
  },
};
