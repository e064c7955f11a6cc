/** Divides numbers. A number by its own size is its sign, `d / Math.abs(d)`: said so it is seen when it jumps. */
import type { Builder } from "../../ir/builder.ts";
import type { Value } from "../../ir/ir.ts";
import type { ScalarOperationName } from "../../ir/scalar-operations.ts";

export function quotient(b: Builder, x: Value, y: Value): Value {
  return bySize(b, x, y) ?? bySize(b, y, x, true) ?? b.operation("div", x, y);
}

/** x / y, or y / x, where y is the size of x or of a factor of it. */
function bySize(b: Builder, x: Value, y: Value, isInverse = false): Value | undefined {
  const whose = sizedBy(y);
  if (!whose || whose.constant !== undefined) return undefined;
  if (isSame(x, whose)) return signOf(b, whose);
  if (isInverse) return undefined;
  if (operationOf(x) === "neg") {
    const negative = bySize(b, argsOf(x)[0], y);
    return negative && b.operation("neg", negative);
  }
  if (operationOf(x) !== "mul") return undefined;
  const [one, other] = argsOf(x);
  if (isSame(one, whose)) return b.operation("mul", other, signOf(b, whose));
  return isSame(other, whose) ? b.operation("mul", one, signOf(b, whose)) : undefined;
}

/** 1 or -1; NaN at 0, as of 0 / 0. */
function signOf(b: Builder, x: Value): Value {
  const sign = b.operation("sign", x);
  return b.operation("div", sign, b.operation("mul", sign, sign));
}

/** What a number is the size of: x of |x|, and of √(x · x). */
function sizedBy(y: Value): Value | undefined {
  if (operationOf(y) === "abs") return argsOf(y)[0];
  if (operationOf(y) !== "sqrt") return undefined;
  const [square] = argsOf(y);
  const [x, z] = operationOf(square) === "mul" ? argsOf(square) : [];
  return x && isSame(x, z) ? x : undefined;
}

/** Computed alike of the same: what is read twice of an array may have been written between. */
function isSame(x: Value, y: Value): boolean {
  if (x === y || (x.constant !== undefined && Object.is(x.constant, y.constant) && x.type === y.type)) return true;
  const [one, other] = [x.definition, y.definition];
  if (one?.kind === "load" && other?.kind === "load")
    return one.array === other.array && one.array.role === "input" && isSame(one.index, other.index);
  if (one?.kind !== "let" || other?.kind !== "let" || one.operation !== other.operation) return false;
  return one.args.every((arg, k) => isSame(arg, other.args[k]));
}

function operationOf({ definition }: Value): ScalarOperationName | undefined {
  return definition?.kind === "let" ? definition.operation : undefined;
}

function argsOf({ definition }: Value): readonly Value[] {
  return definition?.kind === "let" ? definition.args : [];
}
