/** Finds the names in a function's text that it does not declare itself. */
import type { AnyNode } from "acorn";
import { memo } from "../../core/memo.ts";
import { childrenOf } from "./children.ts";
import { isGlobal } from "./engine-globals.ts";
import { Names } from "./names.ts";
import { sourceOf } from "./source.ts";

/**
 * The free names, but for globals of JavaScript, with the node of their first use: `matmul`, or `odegrad` of `odegrad.matmul`.
 */
export function freeNames(fn: object): ReadonlyMap<string, AnyNode> {
  return freeIn(sourceOf(fn, "function").node);
}

const freeIn = memo((node: AnyNode): ReadonlyMap<string, AnyNode> => {
  const found = namesFromOutside(node);
  for (const name of found.keys()) if (isGlobal(name)) found.delete(name);
  return found;
});

/** The names that a function's text does not declare, those of globals among them. */
export function namesFromOutside(node: AnyNode): Map<string, AnyNode> {
  const found = new Map<string, AnyNode>();
  search(node, new Names(undefined, new Set()), found);
  return found;
}

function search(node: AnyNode, outer: Names, found: Map<string, AnyNode>): void {
  const names = outer.within(node);
  switch (node.type) {
    case "Identifier":
      if (!names.declares(node.name) && !found.has(node.name)) found.set(node.name, node);
      return;
    case "MemberExpression":
      search(node.object, names, found);
      if (node.computed) search(node.property, names, found);
      return;
    case "Property":
    case "MethodDefinition":
    case "PropertyDefinition":
      if (node.computed) search(node.key, names, found);
      if (node.value) search(node.value, names, found);
      return;
    case "LabeledStatement":
      return search(node.body, names, found);
    case "BreakStatement":
    case "ContinueStatement":
    case "MetaProperty":
      return;
    default:
      for (const child of childrenOf(node)) search(child, names, found);
  }
}
