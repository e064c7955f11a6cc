/**
 * Poles that decisions look through: where a denominator crosses zero, a quotient jumps from one infinity to the other, and with it whatever is
 * decided by it, though what that compares is not zero there. So denominators are watched beside the decisions.
 */
import type { Builder } from "../../ir/builder.ts";
import { walk, type Let, type Program, type Value } from "../../ir/ir.ts";
import type { ScalarOperationName } from "../../ir/scalar-operations.ts";
import { dependence, dependenceOn } from "../dependence.ts";

/** What is zero at the poles of an operation, of those that have some. */
const denominators: Partial<Record<ScalarOperationName, (b: Builder, args: readonly Value[]) => Value>> = {
  div: (_, [, y]) => y,
  tan: (b, [x]) => b.operation("cos", x),
};

export function hasPole({ operation }: Pick<Let, "operation">): boolean {
  return denominators[operation] !== undefined;
}

export function denominatorOf(b: Builder, operation: ScalarOperationName, args: readonly Value[]): Value {
  return denominators[operation]!(b, args);
}

/** The operations whose poles the state may cross, and through which one of the decisions looks. */
export function polesBefore(program: Program, decisions: readonly Let[]): Let[] {
  const { values } = dependence(program, ["u"]);
  const mayCross = ({ operation, args }: Let): boolean => values.has(operation === "div" ? args[1] : args[0]);
  const found = walk(program.body).filter((i): i is Let => i.kind === "let" && hasPole(i) && mayCross(i));
  return found.filter(({ result }) => {
    const behind = dependenceOn(program, [result]).values;
    return decisions.some(({ args }) => args.some((arg) => behind.has(arg)));
  });
}
