/**
 * Algebraic identities that hold for every input, applied while a program is built. Only those that keep IEEE results
 * (`x * 1`, never `x * 0`, which is NaN for an infinite x). The sign of a zero is not kept: `0 + x` is x.
 */
import type { Value } from "./ir.ts";
import type { RuleBuilder, ScalarOperationName } from "./scalar-operations.ts";

interface IntegerBuilder extends RuleBuilder {
  i32(constant: number): Value;
  bool(constant: boolean): Value;
}

/** Decides a comparison of integers by their intervals. */
function decide(b: IntegerBuilder, always: boolean, never: boolean): Value | undefined {
  return always ? b.bool(true) : never ? b.bool(false) : undefined;
}

function argumentOf(value: Value, name: ScalarOperationName): readonly Value[] | undefined {
  const definition = value.definition;
  return definition?.kind === "let" && definition.operation === name ? definition.args : undefined;
}

/** Signs of factors go to the product, where a sum takes them in. */
function negated(b: IntegerBuilder, name: "mul" | "div", x: Value, y: Value): Value | undefined {
  const [positive] = argumentOf(x, "neg") ?? [];
  if (positive && y.constant !== undefined) return b.operation(name, positive, b.f64(-y.constant));
  if (positive) return b.operation("neg", b.operation(name, positive, y));
  const [divisor] = argumentOf(y, "neg") ?? [];
  return divisor && b.operation("neg", b.operation(name, x, divisor));
}

/** x / y where it is the same for every x: indices that wrap around once, `(i + 1) % n`, seldom cross a multiple. */
function quotient(b: IntegerBuilder, x: Value, y: Value): Value | undefined {
  if (y.constant === undefined || y.constant <= 0) return undefined;
  const q = Math.trunc(x.min / y.constant) | 0;
  return q === Math.trunc(x.max / y.constant) ? b.i32(q) : undefined;
}

type Identity = (b: IntegerBuilder, x: Value, y: Value, z: Value) => Value | undefined;

function choice(name: "select" | "i32.select"): Identity {
  return (b, x, y, z) => {
    if (x.constant !== undefined) return x.constant ? y : z;
    if (y === z) return y;
    return argumentOf(x, "bool.not") && b.operation(name, argumentOf(x, "bool.not")![0], z, y);
  };
}

function integerBehind(_b: IntegerBuilder, x: Value): Value | undefined {
  return argumentOf(x, "f64.from_i32")?.[0];
}

function sameIfInteger(_b: IntegerBuilder, x: Value): Value | undefined {
  return argumentOf(x, "f64.from_i32") && x;
}

/** By operation. */
const identities: Partial<Readonly<Record<ScalarOperationName, Identity>>> = {
  add: (b, x, y) => {
    if (x.constant === 0) return y;
    if (y.constant === 0) return x;
    if (argumentOf(y, "neg")) return b.operation("sub", x, argumentOf(y, "neg")![0]);
    if (argumentOf(x, "neg")) return b.operation("sub", y, argumentOf(x, "neg")![0]);
    return undefined;
  },
  sub: (b, x, y) => {
    if (y.constant === 0) return x;
    if (x.constant === 0) return b.operation("neg", y);
    if (argumentOf(y, "neg")) return b.operation("add", x, argumentOf(y, "neg")![0]);
    return undefined;
  },
  mul: (b, x, y) => {
    if (x.constant !== undefined && y.constant === undefined) return b.operation("mul", y, x);
    if (y.constant === 1) return x;
    if (y.constant === -1) return b.operation("neg", x);
    if (y.constant === 2) return b.operation("add", x, x);
    return negated(b, "mul", x, y);
  },
  "mul.where": (b, x, y, z) => {
    if (x.constant !== undefined) return x.constant ? b.operation("mul", y, z) : b.f64(0);
    return z.constant === 1 ? y : undefined;
  },
  div: (b, x, y) => {
    if (y.constant === 1) return x;
    // Exact: the reciprocal of a power of two.
    if (y.constant !== undefined && isPowerOfTwo(y.constant)) return b.operation("mul", x, b.f64(1 / y.constant));
    return negated(b, "div", x, y);
  },
  neg: (_b, x) => argumentOf(x, "neg")?.[0],
  pow: (b, x, y) => {
    if (y.constant === 1) return x;
    if (y.constant === 2) return b.operation("mul", x, x);
    if (y.constant === 3) return b.operation("mul", b.operation("mul", x, x), x);
    if (y.constant === -1) return b.operation("div", b.f64(1), x);
    if (y.constant === 0.5) return b.operation("sqrt", x);
    if (y.constant === 0) return b.f64(1);
    return undefined;
  },
  select: choice("select"),
  "i32.select": choice("i32.select"),
  "bool.select": (b, x, y, z) => {
    if (x.constant !== undefined) return x.constant ? y : z;
    if (y === z) return y;
    if (z.constant === 0) return b.operation("bool.and", x, y);
    if (y.constant === 1) return b.operation("bool.or", x, z);
    if (y.constant === 0) return b.operation("bool.and", b.operation("bool.not", x), z);
    return z.constant === 1 ? b.operation("bool.or", b.operation("bool.not", x), y) : undefined;
  },
  "bool.and": (_b, x, y) => {
    if (x.constant !== undefined) return x.constant ? y : x;
    if (y.constant !== undefined) return y.constant ? x : y;
    return x === y ? x : undefined;
  },
  "bool.or": (_b, x, y) => {
    if (x.constant !== undefined) return x.constant ? x : y;
    if (y.constant !== undefined) return y.constant ? y : x;
    return x === y ? x : undefined;
  },
  "bool.not": (_b, x) => argumentOf(x, "bool.not")?.[0],
  "i32.add": (_b, x, y) => {
    if (x.constant === 0) return y;
    if (y.constant === 0) return x;
    return undefined;
  },
  "i32.sub": (b, x, y) => {
    if (y.constant === 0) return x;
    return x === y ? b.i32(0) : undefined;
  },
  "i32.mul": (b, x, y) => {
    if (x.constant === 0 || y.constant === 0) return b.i32(0);
    if (x.constant === 1) return y;
    return y.constant === 1 ? x : undefined;
  },
  "i32.div": (b, x, y) => quotient(b, x, y),
  "i32.and": (b, x, y) => {
    // The remainder by a power of two.
    const size = y.constant! + 1;
    if (!(x.min >= 0 && y.constant! >= 0 && (y.constant! & size) === 0)) return undefined;
    const q = quotient(b, x, b.i32(size));
    return q && b.operation("i32.sub", x, b.i32(q.constant! * size));
  },
  "i32.rem": (b, x, y) => {
    const q = quotient(b, x, y);
    if (q) return b.operation("i32.sub", x, b.operation("i32.mul", q, y));
    return x.min >= 0 && x.max < y.min ? x : undefined;
  },
  "i32.lt": (b, x, y) => decide(b, x.max < y.min, x.min >= y.max || x === y),
  "i32.le": (b, x, y) => decide(b, x.max <= y.min || x === y, x.min > y.max),
  "i32.gt": (b, x, y) => decide(b, x.min > y.max, x.max <= y.min || x === y),
  "i32.ge": (b, x, y) => decide(b, x.min >= y.max || x === y, x.max < y.min),
  "i32.eq": (b, x, y) => decide(b, areEqual(x, y), x.max < y.min || x.min > y.max),
  "i32.ne": (b, x, y) => decide(b, x.max < y.min || x.min > y.max, areEqual(x, y)),
  "f64.from_i32": (b, x) => {
    const [c, a, d] = argumentOf(x, "i32.select") ?? [];
    if (a?.constant === undefined || d.constant === undefined) return undefined;
    return b.operation("select", c, b.f64(a.constant), b.f64(d.constant));
  },
  "i32.from_f64": integerBehind,
  "i32.wrap_f64": integerBehind,
  floor: sameIfInteger,
  ceil: sameIfInteger,
  trunc: sameIfInteger,
  round: sameIfInteger,
};

/** A simpler value that is always the same as the operation's, if there is one. */
export function identity(b: IntegerBuilder, name: ScalarOperationName, [x, y, z]: readonly Value[]): Value | undefined {
  return identities[name]?.(b, x, y, z);
}

/** Is each but one number, and the same? */
function areEqual(x: Value, y: Value): boolean {
  return x === y || (x.min === x.max && y.min === y.max && x.min === y.min);
}

function isPowerOfTwo(x: number): boolean {
  const exponent = Math.log2(Math.abs(x));
  return Number.isInteger(exponent) && Math.abs(exponent) < 1000;
}
