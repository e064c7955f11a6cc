/** Reads expressions as conditions, where only their truth counts; `&&` and `||` become branches. */
import type { Expression } from "acorn";
import type { Value } from "../../ir/ir.ts";
import { branch } from "../values/branch.ts";
import { evaluateIfThere } from "./members.ts";
import { toBool } from "../state/numbers.ts";
import type { Reader } from "../state/reader.ts";
import type { Scope } from "../state/scope.ts";
import type { Site } from "../state/site.ts";

/** An expression as a condition. */
export function condition(r: Reader, node: Expression, scope: Scope): Value {
  const b = r.builder;
  const at: Site = { r, node, scope };
  if (node.type === "LogicalExpression" && node.operator !== "??") {
    const result = r.journal.cell("condition", condition(r, node.left, scope));
    const left = result.item as Value;
    const decided = (): void => r.journal.write(result, b.bool(node.operator === "||"));
    const parts = [left];
    const both = node.operator === "&&";
    const test = (): void => {
      parts.push(condition(r, node.right, scope));
      r.journal.write(result, parts[1]);
    };
    branch(at, left, both ? test : decided, both ? decided : test);
    r.assumptions.note(result.item as Value, both, parts);
    return result.item as Value;
  }
  if (node.type === "UnaryExpression" && node.operator === "!")
    return b.operation("bool.not", condition(r, node.argument, scope));
  return toBool(at, evaluateIfThere(r, node, scope));
}
