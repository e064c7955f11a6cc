/**
 * Where operations give numbers. Decisions that are held may lead elsewhere: where a stage of a step is below a weir, a power of the height
 * above it is none. There the program decides as the state has it.
 */
import type { Builder } from "../../ir/builder.ts";
import { inline, type Clone } from "../../ir/clone.ts";
import { walk, type ArrayArgument, type Let, type Program, type Value } from "../../ir/ir.ts";
import type { ScalarOperationName } from "../../ir/scalar-operations.ts";
import { dependence } from "../dependence.ts";

type Inside = (b: Builder, x: Value, y: Value) => Value;

const atLeast =
  (least: number): Inside =>
  (b, x) =>
    b.operation("ge", x, b.f64(least));
const above =
  (bound: number): Inside =>
  (b, x) =>
    b.operation("gt", x, b.f64(bound));
const upToOne: Inside = (b, x) => b.operation("le", b.operation("abs", x), b.f64(1));

/** A bool: does the operation give a number? Of those that do not everywhere. */
const domains: Partial<Record<ScalarOperationName, Inside>> = {
  sqrt: atLeast(0),
  log: above(0),
  log2: above(0),
  log10: above(0),
  log1p: above(-1),
  asin: upToOne,
  acos: upToOne,
  acosh: atLeast(1),
  atanh: upToOne,
  pow: (b, x, y) => b.operation("bool.or", b.operation("ge", x, b.f64(0)), b.operation("eq", b.operation("floor", y), y)),
};

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
    (i) => i.kind === "let" && domains[i.operation] !== undefined && i.args.some((arg) => values.has(arg)),
  );
  if (limited.length === 0) return inline(b, program, args, holding());
  const isLimited = new Set(limited);
  const outside = b.localArray("outside", 1);
  const first = b.i32(0);
  b.fill(outside, b.f64(0));
  const each = (i: Let, [x, y]: readonly Value[]): void => {
    if (!isLimited.has(i)) return;
    const isOutside = b.operation("bool.not", domains[i.operation]!(b, x, y));
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
