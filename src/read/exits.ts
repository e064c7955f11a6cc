/** Ways out of loops and functions, as flags: the program itself has no jumps. */
import type { AnyNode, Statement } from "acorn";
import type { Value } from "../ir/ir.ts";
import { childrenOf } from "./children.ts";
import type { Reader, Site } from "./reader.ts";
import type { Exit, Scope } from "./scope.ts";
import { unreadable } from "./reader.ts";
import type { FunctionNode } from "./source.ts";

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
  const found = at.scope.exits.findLast(
    (exit) => exit.kind === kind && (label === undefined ? exit.plain : exit.labels.includes(label)),
  );
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

const known = new WeakMap<AnyNode, ReadonlySet<string>>();

/**
 * How the body of a loop may be left before its end: "return", "break", and "break label" or "continue label" for labels, its
 * own included.
 */
function waysOut(body: AnyNode): ReadonlySet<string> {
  let ways = known.get(body);
  if (!ways) known.set(body, (ways = new Set(search(body, false))));
  return ways;
}

export function mayLeave(body: AnyNode): boolean {
  return waysOut(body).size > 0;
}

/** Of the exits around a loop's body, those that may be taken within. */
export function exitsTaken(body: AnyNode, exits: readonly Exit[]): Exit[] {
  const ways = waysOut(body);
  const innermost = exits.findLast((exit) => exit.kind === "break" && exit.plain);
  return exits.filter(
    (exit) =>
      (exit.kind === "return" && ways.has("return")) ||
      (exit === innermost && ways.has("break")) ||
      exit.labels.some((label) => ways.has(`${exit.kind} ${label}`)),
  );
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
