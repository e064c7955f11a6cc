/** Asks whether a number is one. What makes it none, as a root below 0, is a comparison: so it is seen when it switches. */
import type { Builder } from "../../ir/builder.ts";
import { domains } from "../../ir/domains.ts";
import type { Value } from "../../ir/ir.ts";
import type { ScalarOperationName } from "../../ir/scalar-operations.ts";

export function isNaNNumber(b: Builder, x: Value): Value {
  if (x.type === "i32") return b.bool(false);
  return leavesDomain(b, x).reduce((any, one) => b.operation("bool.or", any, one), b.operation("ne", x, x));
}

export function isFiniteNumber(b: Builder, x: Value): Value {
  if (x.type === "i32") return b.bool(true);
  // Infinity less itself is no number.
  const isFinite = b.operation("eq", b.operation("sub", x, x), b.f64(0));
  return leavesDomain(b, x).reduce((all, one) => b.operation("bool.and", all, b.operation("bool.not", one)), isFinite);
}

/** A bool: does the operation give NaN beyond some bound? undefined: it has none. */
function isOutside(b: Builder, operation: ScalarOperationName, [x, y]: readonly Value[]): Value | undefined {
  if (operation === "pow") {
    const isOfAll = y.constant === undefined || Number.isInteger(y.constant);
    return isOfAll ? undefined : b.operation("lt", x, b.f64(0));
  }
  const domain = domains[operation];
  if (!domain) return undefined;
  if ("least" in domain) return b.operation("lt", x, b.f64(domain.least));
  return b.operation("bool.or", b.operation("lt", x, b.f64(-domain.size)), b.operation("gt", x, b.f64(domain.size)));
}

/** What makes NaN of these makes NaN of it. */
const passedOn: ReadonlySet<ScalarOperationName> = new Set(["add", "sub", "mul", "div", "neg", "abs", "exp", "sin", "cos", "tanh", "pow", ...Object.keys(domains)] as ScalarOperationName[]); // prettier-ignore

/** Of what a number is made of, what has left where it gives numbers. */
function leavesDomain(b: Builder, x: Value): Value[] {
  const found: Value[] = [];
  const seen = new Set<Value>();
  const look = (value: Value): void => {
    const { definition } = value;
    if (seen.has(value) || definition?.kind !== "let" || !passedOn.has(definition.operation)) return;
    seen.add(value);
    const { operation, args } = definition;
    const left = isOutside(b, operation, args);
    if (left) found.push(left);
    // The power 0 of whatever it is is 1.
    if (operation !== "pow" || left) args.forEach(look);
  };
  look(x);
  return found;
}
