/** Tells where control goes, as far as the syntax shows. */
import type { AnyNode, Statement } from "acorn";
import { memo } from "../../core/memo.ts";
import { childrenOf } from "./children.ts";
import type { FunctionNode } from "./source.ts";

/** Does control never get past the end of this statement? (A sufficient condition.) */
export function isAbrupt(statement: Statement | null | undefined): boolean {
  switch (statement?.type) {
    case "ReturnStatement":
    case "BreakStatement":
    case "ContinueStatement":
    case "ThrowStatement":
      return true;
    case "BlockStatement":
      return statement.body.some(isAbrupt);
    case "IfStatement":
      return isAbrupt(statement.consequent) && isAbrupt(statement.alternate);
    default:
      return false;
  }
}

/**
 * How the body of a loop may be left before its end: "return", "break", and "break label" or "continue label" for labels, its
 * own included.
 */
export const exitKinds = memo((body: AnyNode): ReadonlySet<string> => new Set(search(body, false)));

export function mayLeave(body: AnyNode): boolean {
  return exitKinds(body).size > 0;
}

/** `caught`: within an inner loop or switch, where a plain `break` stays inside. */
function search(node: AnyNode, caught: boolean): string[] {
  switch (node.type) {
    case "ReturnStatement":
      return ["return"];
    case "BreakStatement":
      return node.label ? [`break ${node.label.name}`] : caught ? [] : ["break"];
    case "ContinueStatement":
      return node.label ? [`continue ${node.label.name}`] : [];
    case "FunctionDeclaration":
    case "FunctionExpression":
    case "ArrowFunctionExpression":
    case "ExpressionStatement":
      return [];
    case "ForStatement":
    case "ForOfStatement":
    case "ForInStatement":
    case "WhileStatement":
    case "DoWhileStatement":
    case "SwitchStatement":
      return childrenOf(node).flatMap((child) => search(child, true));
    default:
      return childrenOf(node).flatMap((child) => search(child, caught));
  }
}

/** Does a function hand a value to its caller? Undefined: its text does not tell, for all that it returns are results of calls. */
export function returnsSomething({ body }: FunctionNode): boolean | undefined {
  const returned = body.type === "BlockStatement" ? returnedBy(body) : [body];
  if (returned.some(isValue)) return true;
  return returned.some(isCall) ? undefined : false;
}

/** What stands behind `return`, but for functions within. */
function returnedBy(node: AnyNode): AnyNode[] {
  switch (node.type) {
    case "ReturnStatement":
      return node.argument ? [node.argument] : [];
    case "FunctionDeclaration":
    case "FunctionExpression":
    case "ArrowFunctionExpression":
    case "ExpressionStatement":
      return [];
    default:
      return childrenOf(node).flatMap(returnedBy);
  }
}

function isValue(node: AnyNode): boolean {
  return !isCall(node) && !(node.type === "UnaryExpression" && node.operator === "void");
}

function isCall(node: AnyNode): boolean {
  return node.type === "CallExpression" || (node.type === "ChainExpression" && isCall(node.expression));
}
