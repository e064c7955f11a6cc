/** Recognises loops that count: `for (...; i < n; i += step)`, in any of the ways to write that. */
import type { AnyNode, Expression, ForStatement } from "acorn";
import type { Builder } from "../builder.ts";
import type { Value } from "../ir.ts";
import { assignedIn } from "./assigned.ts";
import { evaluate } from "./expressions.ts";
import { childrenOf } from "./exits.ts";
import { isScalar } from "./items.ts";
import type { Cell } from "./journal.ts";
import { asInteger } from "./integer-tables.ts";
import { constant } from "./numbers.ts";
import type { Reader } from "./reader.ts";
import type { Scope } from "./scope.ts";

export interface Counter {
  readonly cell: Cell;
  readonly from: Value;
  /** The first value not reached. */
  readonly to: Value;
  readonly step: number;
  /** What else the header does after each turn. */
  readonly beside: readonly Expression[];
}

/** Read from the other side, `n > i` is `i < n`. */
const mirrored: Readonly<Record<string, string>> = { "<": ">", "<=": ">=", ">": "<", ">=": "<=" };

export function counterOf(r: Reader, node: ForStatement, scope: Scope): Counter | undefined {
  const { test, update } = node;
  if (test?.type !== "BinaryExpression" || !(test.operator in mirrored) || !update) return undefined;
  const updates = update.type === "SequenceExpression" ? update.expressions : [update];
  for (const [side, other, operator] of [
    [test.left, test.right, test.operator],
    [test.right, test.left, mirrored[test.operator]],
  ] as const) {
    if (side.type !== "Identifier") continue;
    const cell = scope.find(side.name);
    const stepping = updates.find((expression) => stepOf(r, expression, side.name, scope) !== undefined);
    const from = cell && isScalar(cell.item) ? asInteger(r.builder, cell.item) : undefined;
    if (!cell || !stepping || !from) continue;
    const beside = updates.filter((expression) => expression !== stepping);
    const changed = assignedIn([node.body, ...beside]).names;
    const step = stepOf(r, stepping, side.name, scope)!;
    if (changed.has(side.name) || step > 0 !== operator.startsWith("<")) continue;
    if (namesUsed(other).some((name) => name === side.name || changed.has(name))) continue;
    const bound = evaluate(r, other, scope);
    const to =
      isScalar(bound) && bound.type !== "bool" ? endOf(r.builder, operator, asInteger(r.builder, bound) ?? bound) : undefined;
    if (to) return { cell, from, to, step, beside };
  }
  return undefined;
}

/** The first integer that the condition `i operator bound` refuses. */
function endOf(b: Builder, operator: string, bound: Value): Value | undefined {
  const inclusive = operator.endsWith("=");
  const upward = operator.startsWith("<");
  const one = upward ? 1 : -1;
  if (bound.type === "i32") {
    if (!inclusive) return bound;
    return bound.constant === undefined ? b.operation("i32.add", bound, b.i32(one)) : integer(constant(b, bound.constant + one));
  }
  // i < 2.5 is i < 3; i <= 2.5 is i < 3.
  const nearest = upward === inclusive ? b.operation("floor", bound) : b.operation("ceil", bound);
  const first = inclusive ? b.operation("add", nearest, b.f64(one)) : nearest;
  if (first.constant !== undefined) return integer(constant(b, first.constant));
  return b.operation("i32.from_f64", first);
}

function integer(value: Value): Value | undefined {
  return value.type === "i32" ? value : undefined;
}

/** The constant by which an update changes a name. */
function stepOf(r: Reader, update: Expression, name: string, scope: Scope): number | undefined {
  const isName = (node: AnyNode): boolean => node.type === "Identifier" && node.name === name;
  if (update.type === "UpdateExpression" && isName(update.argument)) return update.operator === "++" ? 1 : -1;
  if (update.type !== "AssignmentExpression" || !isName(update.left)) return undefined;
  if (update.operator === "+=" || update.operator === "-=")
    return signed(update.operator, constantInteger(r, update.right, scope));
  if (update.operator !== "=" || update.right.type !== "BinaryExpression") return undefined;
  const { left, right, operator } = update.right;
  if ((operator === "+" || operator === "-") && isName(left)) return signed(operator, constantInteger(r, right, scope));
  return operator === "+" && isName(right) ? constantInteger(r, left, scope) : undefined;
}

function signed(operator: string, step: number | undefined): number | undefined {
  return step === undefined ? undefined : operator.startsWith("-") ? -step : step;
}

function constantInteger(r: Reader, node: AnyNode, scope: Scope): number | undefined {
  if (node.type === "AssignmentExpression" || node.type === "CallExpression") return undefined;
  const item = evaluate(r, node, scope);
  return isScalar(item) && item.type === "i32" && item.constant !== 0 ? item.constant : undefined;
}

function namesUsed(node: AnyNode): string[] {
  return node.type === "Identifier" ? [node.name] : childrenOf(node).flatMap(namesUsed);
}

/** What the counter holds after the loop. */
export function finalIndex(b: Builder, from: Value, to: Value, step: number): Value {
  const [ahead, distance] =
    step > 0 ? (["i32.lt", b.operation("i32.sub", to, from)] as const) : (["i32.gt", b.operation("i32.sub", from, to)] as const);
  const size = Math.abs(step);
  const turns = b.operation("i32.div", b.operation("i32.add", distance, b.i32(size - 1)), b.i32(size));
  const end = size === 1 ? to : b.operation("i32.add", from, b.operation("i32.mul", turns, b.i32(step)));
  return b.operation("i32.select", b.operation(ahead, from, to), end, from);
}
