/** Recognises loops that count: `for (...; i < n; i += step)`, however that is written. */
import type { AnyNode, BinaryExpression, Expression, ForStatement } from "acorn";
import type { Builder } from "../../ir/builder.ts";
import type { Value } from "../../ir/ir.ts";
import { binaryOperators } from "../values/arithmetic.ts";
import { assignedIn } from "../syntax/assigned.ts";
import { childrenOf } from "../syntax/children.ts";
import { isScalar, type Item } from "../state/items.ts";
import type { Cell } from "../state/cells.ts";
import { asInteger } from "../state/integers.ts";
import { constant, toIndex } from "../state/numbers.ts";
import type { Reader } from "../state/reader.ts";
import type { Scope } from "../state/scope.ts";

export interface Counter {
  readonly cell: Cell;
  readonly from: Value;
  /** The first value not reached. */
  readonly to: Value;
  readonly step: number;
  /** What else the header does after each iteration. */
  readonly beside: readonly Expression[];
}

/** Read from the other side, `n > i` is `i < n`. */
const mirrored: Readonly<Record<string, string>> = { "<": ">", "<=": ">=", ">": "<", ">=": "<=" };

export function counterOf(r: Reader, node: ForStatement, scope: Scope): Counter | undefined {
  const { test, update } = node;
  if (test?.type !== "BinaryExpression" || !(test.operator in mirrored) || !update) return undefined;
  const updates = update.type === "SequenceExpression" ? update.expressions : [update];
  for (const { name, sign, offset, other, operator } of readings(test)) {
    const cell = scope.find(name);
    const stepping = updates.find((expression) => stepOf(r, expression, name, scope) !== undefined);
    const from = cell && isScalar(cell.item) ? asInteger(r.builder, cell.item) : undefined;
    if (!cell || !stepping || !from) continue;
    const beside = updates.filter((expression) => expression !== stepping);
    const changed = assignedIn(reached([node.body, ...beside], scope)).names;
    const step = stepOf(r, stepping, name, scope)!;
    if (changed.has(name) || step > 0 !== operator.startsWith("<")) continue;
    const fixed = reached(offset ? [other, offset] : [other], scope);
    if (assignedIn(fixed).names.size || fixed.flatMap(namesUsed).some((used) => used === name || changed.has(used))) continue;
    const built = r.builder.mark();
    const bound = r.expression(other, scope);
    const end =
      isScalar(bound) && bound.type !== "bool" ? endOf(r.builder, operator, asInteger(r.builder, bound) ?? bound) : undefined;
    const to = end && offset ? less(r.builder, end, sign, r.expression(offset, scope)) : end;
    if (r.builder.hasWritten(built)) r.builder.giveUp(built);
    else if (to) return { cell, from, to, step, beside };
  }
  return undefined;
}

/** `name + sign * offset operator other`: a condition that may limit a counter. */
interface Reading {
  readonly name: string;
  readonly sign: 1 | -1;
  readonly offset?: AnyNode;
  readonly other: AnyNode;
  readonly operator: string;
}

function readings({ left, right, operator }: BinaryExpression): Reading[] {
  return [
    ...named(left).map((side) => ({ ...side, other: right, operator })),
    ...named(right).map((side) => ({ ...side, other: left, operator: mirrored[operator] })),
  ];
}

/** `i`, `i + offset`, `offset + i` or `i - offset`. */
function named(node: AnyNode): Pick<Reading, "name" | "sign" | "offset">[] {
  if (node.type === "Identifier") return [{ name: node.name, sign: 1 }];
  if (node.type !== "BinaryExpression" || !/^[+-]$/.test(node.operator)) return [];
  const { left, right, operator } = node;
  const found: Pick<Reading, "name" | "sign" | "offset">[] = [];
  if (left.type === "Identifier") found.push({ name: left.name, sign: operator === "+" ? 1 : -1, offset: right });
  if (right.type === "Identifier" && operator === "+") found.push({ name: right.name, sign: 1, offset: left });
  return found;
}

/** end - sign * offset, for an integer offset; the end is exact by then, so that nothing is rounded. */
function less(b: Builder, end: Value, sign: 1 | -1, offset: Item): Value | undefined {
  const by = isScalar(offset) ? asInteger(b, offset) : undefined;
  if (!by) return undefined;
  const difference = binaryOperators[sign === 1 ? "-" : "+"](b, end, by);
  return difference.constant === undefined ? toIndex(b, difference) : integer(difference);
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
  const item = r.expression(node, scope);
  return isScalar(item) && item.type === "i32" && item.constant !== 0 ? item.constant : undefined;
}

/** The nodes, and the user's functions that they name, directly or through others. */
function reached(nodes: readonly AnyNode[], scope: Scope, found = new Set<AnyNode>(nodes)): AnyNode[] {
  for (const item of nodes.flatMap(namesUsed).map((name) => scope.find(name)?.item)) {
    if (!item || isScalar(item)) continue;
    const parts = item.kind === "object" ? [...item.fields.values()].map((field) => field.item) : [item];
    for (const part of parts) {
      if (isScalar(part) || part.kind !== "closure" || found.has(part.node)) continue;
      found.add(part.node);
      reached([part.node], part.scope, found);
    }
  }
  return [...found];
}

function namesUsed(node: AnyNode): string[] {
  return node.type === "Identifier" ? [node.name] : childrenOf(node).flatMap(namesUsed);
}

/** What the counter holds after the loop. */
export function finalIndex(b: Builder, from: Value, to: Value, step: number): Value {
  const [ahead, distance] =
    step > 0 ? (["i32.lt", b.operation("i32.sub", to, from)] as const) : (["i32.gt", b.operation("i32.sub", from, to)] as const);
  const size = Math.abs(step);
  const count = b.operation("i32.div", b.operation("i32.add", distance, b.i32(size - 1)), b.i32(size));
  const end = size === 1 ? to : b.operation("i32.add", from, b.operation("i32.mul", count, b.i32(step)));
  return b.operation("i32.select", b.operation(ahead, from, to), end, from);
}
