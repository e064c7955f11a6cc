/** Walks syntax trees, chains of operators as one. */
import type { AnyNode, BinaryExpression, Expression } from "acorn";

/**
 * The nodes directly below one, in no certain order. Of a chain of operators they are all of its operands: a sum of thousands of
 * terms is as deep a tree, too deep for what goes down by calling itself.
 */
export function childrenOf(node: AnyNode): AnyNode[] {
  // Most nodes of a long text are these.
  if (node.type === "Identifier" || node.type === "Literal") return [];
  if (node.type === "BinaryExpression") {
    const { first, rest } = chainOf(node);
    return [first, ...rest.map(({ right }) => right)];
  }
  const found: AnyNode[] = [];
  for (const value of Object.values(node) as unknown[]) {
    for (const one of Array.isArray(value) ? value : [value]) if (isNode(one)) found.push(one);
  }
  return found;
}

export interface Chain {
  readonly first: BinaryExpression["left"];
  /** In the order in which they are computed, the node itself last. */
  readonly rest: readonly (BinaryExpression & { readonly right: Expression })[];
}

/** `a + b - c + d` is ((a + b) - c) + d: what it begins with, and the operators on it. */
export function chainOf(node: BinaryExpression): Chain {
  const rest = [node];
  while (rest[0].left.type === "BinaryExpression") rest.unshift(rest[0].left);
  return { first: rest[0].left, rest };
}

function isNode(value: unknown): value is AnyNode {
  return typeof value === "object" && value !== null && "type" in value && "start" in value;
}
