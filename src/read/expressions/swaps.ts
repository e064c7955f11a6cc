/**
 * Recognises exchanges, `[a, b] = [b, a]` and `const tmp = a; a = b; b = tmp`, of variables and of rows: what is exchanged stays
 * what it is.
 */
import type { AnyNode, ArrayExpression, ArrayPattern, Statement } from "acorn";
import { isScalar, type ArrayItem, type Item } from "../state/items.ts";
import { childrenOf } from "../syntax/children.ts";
import { propertyKey } from "../values/keys.ts";
import type { Reader } from "../state/reader.ts";
import type { Site } from "../state/site.ts";
import type { Scope } from "../state/scope.ts";
import { partAt, putRows } from "../values/arrays.ts";
import { toNumber } from "../state/numbers.ts";

/** The elements of a literal that is taken apart at once, each as itself; undefined where the array has to be made. */
export function takenApart(r: Reader, pattern: AnyNode, value: AnyNode, scope: Scope): Item | undefined {
  if (pattern.type !== "ArrayPattern" || value.type !== "ArrayExpression" || !isPlain(pattern, value)) return undefined;
  if (pattern.elements.some((target) => target?.type === "MemberExpression")) return undefined;
  const items = value.elements.map((element) => r.expression(element!, scope));
  return r.journal.list(items);
}

/** `[rows[i], rows[k]] = [rows[k], rows[i]]`: the rows are exchanged. False where it is something else. */
export function swapsRows(r: Reader, pattern: AnyNode, value: AnyNode, scope: Scope): boolean {
  if (pattern.type !== "ArrayPattern" || value.type !== "ArrayExpression" || !isPlain(pattern, value)) return false;
  return exchange(r, pattern.elements as AnyNode[], value.elements as AnyNode[], scope);
}

/**
 * `const tmp = rows[i]; rows[i] = rows[k]; rows[k] = tmp`, where tmp may have been declared before: how many statements that is, 0
 * where it is something else.
 */
export function swapByName(r: Reader, statements: readonly Statement[], start: number, scope: Scope): number {
  const [first, second, third] = statements.slice(start, start + 3);
  const kept = keptIn(first);
  const [a, b] = [assignmentOf(second), assignmentOf(third)];
  if (kept?.left.type !== "Identifier" || !a || !b || b.right.type !== "Identifier" || b.right.name !== kept.left.name) return 0;
  const text = textIn(scope);
  if (text(a.left) !== text(kept.right) || text(a.right) !== text(b.left)) return 0;
  const { name } = kept.left;
  if (!kept.isDeclared && !scope.find(name)) return 0;
  if (!exchange(r, [a.left, b.left], [b.left, a.left], scope)) return 0;
  const row = r.expression(b.left, scope);
  if (kept.isDeclared) scope.declare(name, r.journal.cell(name, row));
  else r.journal.write(scope.find(name)!, row);
  return 3;
}

/** What a statement keeps under a name. */
function keptIn(
  statement: Statement | undefined,
): { readonly left: AnyNode; readonly right: AnyNode; readonly isDeclared?: boolean } | undefined {
  if (statement?.type !== "VariableDeclaration") return assignmentOf(statement);
  const [{ id, init }] = statement.declarations;
  if (statement.kind === "var" || statement.declarations.length !== 1 || !init) return undefined;
  return { left: id, right: init, isDeclared: true };
}

function exchange(r: Reader, targets: readonly AnyNode[], sources: readonly AnyNode[], scope: Scope): boolean {
  const text = textIn(scope);
  const sorted = (nodes: readonly AnyNode[]): string => nodes.map(text).sort().join("\n");
  if (targets.length !== 2 || !targets.every(isPureMember) || sorted(targets) !== sorted(sources)) return false;
  const at: Site = { r, node: targets[0], scope };
  const rows = sources.map((source) => rowOf(r, source, scope));
  const kept = targets.map((target) => rowOf(r, target, scope));
  if (![...rows, ...kept].every((row): row is ArrayItem => row !== undefined)) return false;
  putRows(at, kept as ArrayItem[], rows as ArrayItem[]);
  return true;
}

/** A row of an array of rows, by its index. */
function rowOf(r: Reader, node: AnyNode, scope: Scope): ArrayItem | undefined {
  if (node.type !== "MemberExpression") return undefined;
  const object = r.expression(node.object, scope);
  const key = propertyKey(r, node, scope);
  if (isScalar(object) || object.kind !== "array" || object.container === "ndarray" || object.shape.length < 2 || !isScalar(key))
    return undefined;
  return partAt({ r, node, scope }, object, [toNumber({ r, node, scope }, key)]);
}

function assignmentOf(statement: Statement | undefined): { readonly left: AnyNode; readonly right: AnyNode } | undefined {
  const expression = statement?.type === "ExpressionStatement" ? statement.expression : undefined;
  return expression?.type === "AssignmentExpression" && expression.operator === "=" ? expression : undefined;
}

/** A name or element for a name or element, one by one. */
function isPlain(pattern: ArrayPattern, value: ArrayExpression): boolean {
  return (
    pattern.elements.length === value.elements.length &&
    pattern.elements.every((target) => target?.type === "Identifier" || target?.type === "MemberExpression") &&
    value.elements.every((element) => element && element.type !== "SpreadElement")
  );
}

function isPureMember(node: AnyNode): boolean {
  return node.type === "MemberExpression" && node.computed && isPure(node);
}

function isPure(node: AnyNode): boolean {
  return !/Call|New|Assignment|Update|Function|Yield|Await/.test(node.type) && childrenOf(node).every(isPure);
}

function textIn({ activation }: Scope): (node: AnyNode) => string {
  return (node) => activation.source.textOf(node).replace(/\s+/g, "");
}
