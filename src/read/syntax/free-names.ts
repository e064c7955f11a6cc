/** Finds the names in a function's text that it does not declare itself. */
import type { AnyNode, Identifier } from "acorn";
import { memo } from "../../core/memo.ts";
import { childrenOf } from "./children.ts";
import { isGlobal } from "./engine-globals.ts";
import { Names } from "./names.ts";
import { nodeOf } from "./source.ts";

/** How a name is used that the text does not declare. */
export interface Use {
  /** The first. */
  readonly node: AnyNode;
  /** The properties that are taken of it by their names. */
  readonly members: Set<string>;
  /** Are some of them called, as its methods? */
  hasMethods: boolean;
  /** Is something else done with it, too? */
  isWhole: boolean;
}

/**
 * The free names, but for globals of JavaScript, with the node of their first use: `matmul`, or `odegrad` of `odegrad.matmul`.
 */
export function freeNames(fn: object): ReadonlyMap<string, AnyNode> {
  const node = nodeOf(fn);
  return node ? freeIn(node) : new Map();
}

/** The names that the text of a function, class or accessor does not declare, those of globals among them; none where there is no text. */
export function usesIn(fn: object): ReadonlyMap<string, Use> {
  const node = nodeOf(fn);
  return node ? namesFromOutside(node) : new Map();
}

const freeIn = memo((node: AnyNode): ReadonlyMap<string, AnyNode> => {
  const free = [...namesFromOutside(node)].filter(([name]) => !isGlobal(name));
  return new Map(free.map(([name, use]) => [name, use.node]));
});

/** The names that a function's text does not declare, those of globals among them. */
export const namesFromOutside = memo((node: AnyNode): ReadonlyMap<string, Use> => {
  const found = new Map<string, Use>();
  search(node, new Names(undefined, new Set()), found);
  return found;
});

function search(node: AnyNode, outer: Names, found: Map<string, Use>): void {
  const names = outer.within(node);
  switch (node.type) {
    case "Identifier":
      return note(node, names, found);
    case "CallExpression":
      for (const child of childrenOf(node)) search(child, names, found);
      if (node.callee.type === "MemberExpression" && node.callee.object.type === "Identifier") {
        const use = names.declares(node.callee.object.name) ? undefined : found.get(node.callee.object.name);
        if (use) use.hasMethods = true;
      }
      return;
    case "MemberExpression":
      if (node.object.type === "Identifier" && node.property.type === "Identifier" && !node.computed)
        return note(node.object, names, found, node.property.name);
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

function note(node: Identifier, names: Names, found: Map<string, Use>, member?: string): void {
  if (names.declares(node.name)) return;
  let use = found.get(node.name);
  if (!use) found.set(node.name, (use = { node, members: new Set(), hasMethods: false, isWhole: false }));
  if (member === undefined) use.isWhole = true;
  else use.members.add(member);
}
