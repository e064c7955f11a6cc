/** Finds the names that a stretch of text assigns without declaring them, as far as its syntax shows. */
import type { AnyNode, BinaryExpression, Pattern } from "acorn";
import { memo } from "../../core/memo.ts";
import { chainOf, childrenOf } from "./children.ts";

export interface Assigned {
  /** Names assigned, and roots of members assigned. */
  readonly names: ReadonlySet<string>;
  /** Those names that certainly do not stay integers. */
  readonly fractional: ReadonlySet<string>;
}

export function assignedIn(nodes: readonly (AnyNode | null | undefined)[]): Assigned {
  const names = new Set<string>();
  const fractional = new Set<string>();
  for (const node of nodes) {
    if (!node) continue;
    const found = assignedWithin(node);
    found.names.forEach((name) => names.add(name));
    found.fractional.forEach((name) => fractional.add(name));
  }
  return { names, fractional };
}

const assignedWithin = memo((root: AnyNode): Assigned => {
  const names = new Set<string>();
  const fractional = new Set<string>();
  const own = new Set<string>();
  const visit = (node: AnyNode): void => {
    if (node.type === "AssignmentExpression") {
      const targets = namesIn(node.left as Pattern);
      targets.forEach((name) => names.add(name));
      if (node.operator === "/=" || node.operator === "**=" || !mayBeInteger(node.right))
        targets.forEach((name) => fractional.add(name));
    } else if (node.type === "UpdateExpression") namesIn(node.argument as Pattern).forEach((name) => names.add(name));
    else if (node.type === "VariableDeclarator") namesIn(node.id).forEach((name) => own.add(name));
    else if (
      node.type === "FunctionExpression" ||
      node.type === "ArrowFunctionExpression" ||
      node.type === "FunctionDeclaration"
    ) {
      node.params.forEach((pattern) => namesIn(pattern).forEach((name) => own.add(name)));
    }
    childrenOf(node).forEach(visit);
  };
  visit(root);
  // A name that is declared inside too is left out; should the outer one be meant somewhere, reading finds out.
  const isOuter = (name: string): boolean => !own.has(name);
  return { names: new Set([...names].filter(isOuter)), fractional: new Set([...fractional].filter(isOuter)) };
});

/** The names that a pattern binds or assigns, and the roots of the members it assigns. */
export function namesIn(pattern: Pattern | AnyNode): string[] {
  switch (pattern.type) {
    case "Identifier":
      return [pattern.name];
    case "MemberExpression":
      return namesIn(pattern.object);
    case "ObjectPattern":
      return pattern.properties.flatMap((property) =>
        namesIn(property.type === "RestElement" ? property.argument : property.value),
      );
    case "ArrayPattern":
      return pattern.elements.flatMap((element) => (element ? namesIn(element) : []));
    case "RestElement":
      return namesIn(pattern.argument);
    case "AssignmentPattern":
      return namesIn(pattern.left);
    default:
      return [];
  }
}

/** Members and calls are mostly fractions, division always. */
function mayBeInteger(node: AnyNode): boolean {
  switch (node.type) {
    case "Literal":
      return typeof node.value !== "number" || Number.isInteger(node.value);
    case "BinaryExpression":
      return mayChainBeInteger(node);
    case "UnaryExpression":
      return node.operator === "~" || node.operator === "!" || mayBeInteger(node.argument);
    case "ConditionalExpression":
      return mayBeInteger(node.consequent) && mayBeInteger(node.alternate);
    case "MemberExpression":
    case "CallExpression":
      return false;
    default:
      return true;
  }
}

function mayChainBeInteger(node: BinaryExpression): boolean {
  const { first, rest } = chainOf(node);
  return rest.reduce((may, { operator, right }) => {
    if (operator === "/" || operator === "**") return false;
    return !["+", "-", "*", "%"].includes(operator) || (may && mayBeInteger(right));
  }, mayBeInteger(first));
}
