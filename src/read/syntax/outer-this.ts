/** What `this` is in an arrow function, it takes from around it, where nobody sees it but build plugins. */
import type { AnyNode } from "acorn";
import { childrenOf } from "./children.ts";
import type { Complaint } from "./source.ts";

/** Where an arrow, or arrows in it, say `this`; of other functions nowhere. */
export function outerThis(node: AnyNode): AnyNode[] {
  return node.type === "ArrowFunctionExpression" ? within(node) : [];
}

function within(node: AnyNode): AnyNode[] {
  if (node.type === "ThisExpression") return [node];
  const hasOwn = node.type === "FunctionExpression" || node.type === "FunctionDeclaration" || node.type === "ClassBody";
  return hasOwn ? [] : childrenOf(node).flatMap(within);
}

export const unseenThis: Complaint = {
  construct: "`this`",
  what: "What `this` is in an arrow function cannot be seen from outside it",
  remedy:
    "Before it, const model = this, and in it model.k for this.k; or a method in its place, rhs(u, p) { … }, handed over as " +
    "model.rhs.bind(model); or let the build plugin hand it over, odegrad/unplugin.",
};
