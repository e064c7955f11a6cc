/** Walks syntax trees, chains of operators as one. */
import type { AnyNode, BinaryExpression, Expression } from "acorn";

/**
 * The nodes directly below one, in no certain order. Of a chain of operators they are all of its operands: a sum of thousands of
 * terms is as deep a tree, too deep for what goes down by calling itself.
 */
export function childrenOf(node: AnyNode): AnyNode[] {
  if (node.type === "BinaryExpression") {
    const { first, rest } = chainOf(node);
    return [first, ...rest.map(({ right }) => right)];
  }
  return Object.values(node).flatMap((value: unknown) =>
    Array.isArray(value) ? value.filter(isNode) : isNode(value) ? [value] : [],
  );
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
