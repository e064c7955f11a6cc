/** Text of nodes, put together. */
import type { AnyNode } from "acorn";
import { childrenOf } from "../read/syntax/children.ts";

/** A `yield` of the function that the node is in. */
export function yieldWithin(node: AnyNode): AnyNode | undefined {
  if (node.type === "YieldExpression") return node;
  if (/Function/.test(node.type)) return undefined;
  for (const child of childrenOf(node)) {
    const found = yieldWithin(child);
    if (found) return found;
  }
  return undefined;
}

/** One text after the other, as two words where both are: `return-x` has none between them once the operator is rewritten. */
export function joined(before: string, after: string): string {
  return /[\p{ID_Continue}$]$/u.test(before.slice(-2)) && /^[\p{ID_Continue}$\\]/u.test(after)
    ? `${before} ${after}`
    : before + after;
}

/** Without the semicolon. */
export function unended(text: string): string {
  return text.replace(/;$/, "");
}

export function isLabel(node: AnyNode, child: AnyNode): boolean {
  switch (node.type) {
    case "MemberExpression":
      return child === node.property && !node.computed;
    case "Property":
    case "MethodDefinition":
    case "PropertyDefinition":
      return child === node.key && !node.computed;
    case "LabeledStatement":
    case "BreakStatement":
    case "ContinueStatement":
      return child === node.label;
    case "FunctionDeclaration":
    case "FunctionExpression":
    case "ClassDeclaration":
    case "ClassExpression":
      return child === node.id;
    default:
      return child.type === "PrivateIdentifier";
  }
}
