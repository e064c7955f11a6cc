/** Ways out of loops and functions, as flags: the program itself has no jumps. */
import type { AnyNode, Statement } from "acorn";
import type { Value } from "../ir.ts";
import type { Reader, Site } from "./reader.ts";
import type { Exit, Scope } from "./scope.ts";
import { unreadable } from "./reader.ts";

export function newExit(r: Reader, kind: Exit["kind"], labels: readonly string[] = [], plain = true): Exit {
  return { kind, labels, plain, flag: r.journal.cell(kind, r.builder.bool(false)) };
}

export function isTaken(exit: Exit): Value {
  return exit.flag.item as Value;
}

/** Was any way out taken, so that what follows here must not run? */
export function leaving(r: Reader, exits: readonly Exit[]): Value {
  return exits.reduce((any, exit) => r.builder.operation("bool.or", any, isTaken(exit)), r.builder.bool(false));
}

export function take(r: Reader, exit: Exit): void {
  r.journal.write(exit.flag, r.builder.bool(true));
}

/** The exit that a `break` or `continue` leads to. */
export function exitFor(at: Site, kind: "break" | "continue", label: string | undefined): Exit {
  const found = at.scope.exits.findLast((exit) => exit.kind === kind && (label === undefined ? exit.plain : exit.labels.includes(label)));
  return found ?? unreadable(at, kind, `\`${kind}\` leads nowhere`, "It belongs into a loop.");
}

export function returnExit(scope: Scope): Exit {
  return scope.exits.findLast((exit) => exit.kind === "return")!;
}

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

const leaves = new WeakMap<AnyNode, boolean>();

/** May the body of a loop leave it before its end, by `break`, `return` or to an outer label? */
export function mayLeave(body: AnyNode): boolean {
  let found = leaves.get(body);
  if (found === undefined) leaves.set(body, (found = search(body, false)));
  return found;
}

/** `caught`: within an inner loop or switch, where a plain `break` stays inside. */
function search(node: AnyNode, caught: boolean): boolean {
  switch (node.type) {
    case "ReturnStatement":
      return true;
    case "BreakStatement":
      return !caught || Boolean(node.label);
    case "ContinueStatement":
      return Boolean(node.label);
    case "FunctionDeclaration":
    case "FunctionExpression":
    case "ArrowFunctionExpression":
      return false;
    case "ForStatement":
    case "ForOfStatement":
    case "ForInStatement":
    case "WhileStatement":
    case "DoWhileStatement":
    case "SwitchStatement":
      return childrenOf(node).some((child) => search(child, true));
    default:
      return childrenOf(node).some((child) => search(child, caught));
  }
}

/** The nodes directly below one. */
export function childrenOf(node: AnyNode): AnyNode[] {
  return Object.values(node).flatMap((value: unknown) => (Array.isArray(value) ? value.filter(isNode) : isNode(value) ? [value] : []));
}

function isNode(value: unknown): value is AnyNode {
  return typeof value === "object" && value !== null && "type" in value && "start" in value;
}

/** Does a body hand a value to its caller? */
export function returnsSomething(node: AnyNode): boolean {
  switch (node.type) {
    case "ReturnStatement":
      return Boolean(node.argument) && !(node.argument!.type === "UnaryExpression" && node.argument!.operator === "void");
    case "FunctionDeclaration":
    case "FunctionExpression":
    case "ArrowFunctionExpression":
      return false;
    default:
      return childrenOf(node).some(returnsSomething);
  }
}
