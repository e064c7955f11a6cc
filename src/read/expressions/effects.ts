/** Reads expressions whose value nobody uses, for their effects alone. */
import type { AnyNode } from "acorn";
import { assignment } from "./assignments.ts";
import { branch } from "../values/branch.ts";
import { condition } from "./conditions.ts";
import type { Reader } from "../state/reader.ts";
import type { Scope } from "../state/scope.ts";

/** An expression for its effects alone. */
export function perform(r: Reader, node: AnyNode, scope: Scope): void {
  switch (node.type) {
    case "SequenceExpression":
      return node.expressions.forEach((expression) => perform(r, expression, scope));
    case "AssignmentExpression":
      if (!["=", "+=", "-="].includes(node.operator)) break;
      return void assignment(r, node, scope, true);
    case "LogicalExpression": {
      if (node.operator === "??") break;
      const run = (): void => perform(r, node.right, scope);
      const nothing = (): void => {};
      return branch(
        { r, node, scope },
        condition(r, node.left, scope),
        node.operator === "&&" ? run : nothing,
        node.operator === "&&" ? nothing : run,
      );
    }
    case "ConditionalExpression":
      return branch(
        { r, node, scope },
        condition(r, node.test, scope),
        () => perform(r, node.consequent, scope),
        () => perform(r, node.alternate, scope),
      );
    case "UnaryExpression":
      if (node.operator !== "void" && node.operator !== "!") break;
      return perform(r, node.argument, scope);
    case "CallExpression":
      r.unused.add(node);
      // As of `report(u).catch(ignore)`.
      if (node.callee.type === "MemberExpression") r.unused.add(node.callee.object);
  }
  r.expression(node, scope);
}
