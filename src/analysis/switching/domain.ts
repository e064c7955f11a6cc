/**
 * Where operations give numbers. Decisions that are held may lead elsewhere: where a stage of a step is below a weir, a power of the height
 * above it is none. There the program decides as the state has it.
 */
import type { Builder } from "../../ir/builder.ts";
import { inline, type Clone } from "../../ir/clone.ts";
import { walk, type ArrayArgument, type Let, type Program, type Value } from "../../ir/ir.ts";
import { domains } from "../../ir/domains.ts";
import type { ScalarOperationName } from "../../ir/scalar-operations.ts";
import { dependence } from "../dependence.ts";

/** A bool: does an operation that does not do so everywhere give a number? undefined: it does. */
function isInside(b: Builder, operation: ScalarOperationName, [x, y]: readonly Value[]): Value | undefined {
  if (operation === "pow") {
    return b.operation("bool.or", b.operation("ge", x, b.f64(0)), b.operation("eq", b.operation("floor", y), y));
  }
  const domain = domains[operation];
  if (!domain) return undefined;
  if ("size" in domain) return b.operation("le", b.operation("abs", x), b.f64(domain.size));
  return b.operation(domain.open ? "gt" : "ge", x, b.f64(domain.least));
}

/**
 * Puts the body of a program in the place of a call of it, with decisions that are held wherever that leads to numbers. `holding` makes the
 * clone that holds them; it calls `each` for every operation with its arguments.
 */
export function inlineHeld(
  b: Builder,
  program: Program,
  args: readonly (ArrayArgument | Value)[],
  holding: (each?: (i: Let, args: readonly Value[]) => void) => Clone,
): Value | undefined {
  const { values } = dependence(program, ["u"]);
  const limited = walk(program.body).filter(
    (i) => i.kind === "let" && (i.operation === "pow" || i.operation in domains) && i.args.some((arg) => values.has(arg)),
  );
  if (limited.length === 0) return inline(b, program, args, holding());
  const isLimited = new Set(limited);
  const outside = b.localArray("outside", 1);
  const first = b.i32(0);
  b.fill(outside, b.f64(0));
  const each = (i: Let, given: readonly Value[]): void => {
    const inside = isLimited.has(i) ? isInside(b, i.operation, given) : undefined;
    if (!inside) return;
    const isOutside = b.operation("bool.not", inside);
    b.accumulate(outside, first, b.operation("f64.from_i32", b.operation("i32.from_bool", isOutside)));
  };
  const apart = args.map((arg, k): ArrayArgument | Value => {
    const parameter = program.parameters[k];
    if (parameter.kind === "scalar" || parameter.array.role === "input") return arg;
    return { array: b.localArray(parameter.array.name, parameter.array.size), offset: first };
  });
  inline(b, program, apart, holding(each));
  const resultOf = (clone?: Clone): Value[] => [inline(b, program, args, clone)].filter((result) => result !== undefined);
  return b.if(
    b.operation("eq", b.load(outside, first), b.f64(0)),
    () => resultOf(holding()),
    () => resultOf(),
  )[0];
}
