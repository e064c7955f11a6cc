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

export function identity(b: IntegerBuilder, name: ScalarOperationName, args: readonly Value[]): Value | undefined {
  const [x, y, z] = args;
  switch (name) {
    case "add":
      if (x.constant === 0) return y;
      if (y.constant === 0) return x;
      if (argumentOf(y, "neg")) return b.operation("sub", x, argumentOf(y, "neg")![0]);
      if (argumentOf(x, "neg")) return b.operation("sub", y, argumentOf(x, "neg")![0]);
      return undefined;
    case "sub":
      if (y.constant === 0) return x;
      if (x.constant === 0) return b.operation("neg", y);
      if (argumentOf(y, "neg")) return b.operation("add", x, argumentOf(y, "neg")![0]);
      return undefined;
    case "mul":
      if (x.constant !== undefined && y.constant === undefined) return b.operation("mul", y, x);
      if (y.constant === 1) return x;
      if (y.constant === -1) return b.operation("neg", x);
      if (y.constant === 2) return b.operation("add", x, x);
      return negated(b, name, x, y);
    case "mul.where":
      if (x.constant !== undefined) return x.constant ? b.operation("mul", y, z) : b.f64(0);
      return z.constant === 1 ? y : undefined;
    case "div":
      if (y.constant === 1) return x;
      // Exact: the reciprocal of a power of two.
      if (y.constant !== undefined && isPowerOfTwo(y.constant)) return b.operation("mul", x, b.f64(1 / y.constant));
      return negated(b, name, x, y);
    case "neg":
      return argumentOf(x, "neg")?.[0];
    case "pow":
      if (y.constant === 1) return x;
      if (y.constant === 2) return b.operation("mul", x, x);
      if (y.constant === 3) return b.operation("mul", b.operation("mul", x, x), x);
      if (y.constant === -1) return b.operation("div", b.f64(1), x);
      if (y.constant === 0.5) return b.operation("sqrt", x);
      if (y.constant === 0) return b.f64(1);
      return undefined;
    case "select":
    case "i32.select":
      if (x.constant !== undefined) return x.constant ? y : z;
      if (y === z) return y;
      return argumentOf(x, "bool.not") && b.operation(name, argumentOf(x, "bool.not")![0], z, y);
    case "bool.select":
      if (x.constant !== undefined) return x.constant ? y : z;
      if (y === z) return y;
      if (z.constant === 0) return b.operation("bool.and", x, y);
      if (y.constant === 1) return b.operation("bool.or", x, z);
      if (y.constant === 0) return b.operation("bool.and", b.operation("bool.not", x), z);
      return z.constant === 1 ? b.operation("bool.or", b.operation("bool.not", x), y) : undefined;
    case "bool.and":
      if (x.constant !== undefined) return x.constant ? y : x;
      if (y.constant !== undefined) return y.constant ? x : y;
      return x === y ? x : undefined;
    case "bool.or":
      if (x.constant !== undefined) return x.constant ? x : y;
      if (y.constant !== undefined) return y.constant ? y : x;
      return x === y ? x : undefined;
    case "bool.not":
      return argumentOf(x, "bool.not")?.[0];
    case "i32.add":
      if (x.constant === 0) return y;
      if (y.constant === 0) return x;
      return undefined;
    case "i32.sub":
      if (y.constant === 0) return x;
      return x === y ? b.i32(0) : undefined;
    case "i32.mul":
      if (x.constant === 0 || y.constant === 0) return b.i32(0);
      if (x.constant === 1) return y;
      return y.constant === 1 ? x : undefined;
    case "i32.div":
      return quotient(b, x, y);
    case "i32.and": {
      // The remainder by a power of two.
      const size = y.constant! + 1;
      if (!(x.min >= 0 && y.constant! >= 0 && (y.constant! & size) === 0)) return undefined;
      const q = quotient(b, x, b.i32(size));
      return q && b.operation("i32.sub", x, b.i32(q.constant! * size));
    }
    case "i32.rem": {
      const q = quotient(b, x, y);
      if (q) return b.operation("i32.sub", x, b.operation("i32.mul", q, y));
      return x.min >= 0 && x.max < y.min ? x : undefined;
    }
    case "i32.lt":
      return decide(b, x.max < y.min, x.min >= y.max || x === y);
    case "i32.le":
      return decide(b, x.max <= y.min || x === y, x.min > y.max);
    case "i32.gt":
      return decide(b, x.min > y.max, x.max <= y.min || x === y);
    case "i32.ge":
      return decide(b, x.min >= y.max || x === y, x.max < y.min);
    case "i32.eq":
      return decide(b, areEqual(x, y), x.max < y.min || x.min > y.max);
    case "i32.ne":
      return decide(b, x.max < y.min || x.min > y.max, areEqual(x, y));
    case "f64.from_i32": {
      const [c, a, d] = argumentOf(x, "i32.select") ?? [];
      if (a?.constant === undefined || d.constant === undefined) return undefined;
      return b.operation("select", c, b.f64(a.constant), b.f64(d.constant));
    }
    case "i32.from_f64":
    case "i32.wrap_f64":
      return argumentOf(x, "f64.from_i32")?.[0];
    case "floor":
    case "ceil":
    case "trunc":
    case "round":
      return argumentOf(x, "f64.from_i32") ? x : undefined;
    default:
      return undefined;
  }
}

/** Is each but one number, and the same? */
function areEqual(x: Value, y: Value): boolean {
  return x === y || (x.min === x.max && y.min === y.max && x.min === y.min);
}

function isPowerOfTwo(x: number): boolean {
  const exponent = Math.log2(Math.abs(x));
  return Number.isInteger(exponent) && Math.abs(exponent) < 1000;
}
