/**
 * Reads assignments as expressions: `=`, `+=`, `&&=`, `++`. The object and the key of what is read and then written are
 * evaluated once.
 */
import type { AnyNode, AssignmentExpression, Expression, UpdateExpression } from "acorn";
import type { Value } from "../../ir/ir.ts";
import { binaryOperators, negated } from "../values/arithmetic.ts";
import { accumulateFlat, partAt } from "../values/arrays.ts";
import { assign, bindPattern } from "./patterns.ts";
import { branch } from "../values/branch.ts";
import { coalesced, combine } from "./operators.ts";
import { identifier } from "./identifiers.ts";
import { captured } from "../library/globals.ts";
import { coverageCounter } from "../syntax/injected.ts";
import { isScalar, UNDEFINED, type Item } from "../state/items.ts";
import { toBool, toNumber } from "../state/numbers.ts";
import { getProperty } from "../values/properties.ts";
import { propertyKey } from "../values/keys.ts";
import { setProperty } from "../values/assignment.ts";
import { textOf, unreadable, type Site } from "../state/site.ts";
import type { Reader } from "../state/reader.ts";
import type { Scope } from "../state/scope.ts";
import { swapsRows, takenApart } from "./swaps.ts";

/** `unused`: nobody looks at the value of the assignment. */
export function assignment(r: Reader, node: AssignmentExpression, scope: Scope, unused = false): Item {
  const at: Site = { r, node, scope };
  if (node.operator === "=") {
    // A member's object and key are evaluated before the value.
    const member = node.left.type === "MemberExpression" ? referenceTo(r, node.left, scope) : undefined;
    if (unused && swapsRows(r, node.left, node.right, scope)) return UNDEFINED;
    const item = takenApart(r, node.left, node.right, scope) ?? named(r.expression(node.right, scope), node.left);
    if (member) member.set(item);
    else bindPattern(r, node.left, item, scope);
    return item;
  }
  const operator = node.operator.slice(0, -1);
  const reference = referenceTo(r, node.left, scope);
  if (operator in binaryOperators) {
    if (unused && reference.add) {
      reference.add(() => {
        const value = toNumber({ ...at, node: node.right }, r.expression(node.right, scope));
        return operator === "+" ? value : negated(r.builder, value);
      });
      return UNDEFINED;
    }
    const before = reference.get();
    const item = combine(at, operator, before, r.expression(node.right, scope), node.left, node.right);
    reference.set(item);
    return item;
  }
  const before = reference.get();
  const write = (): Item => {
    const item = r.expression(node.right, scope);
    reference.set(item);
    return item;
  };
  if (operator === "??") return coalesced(at, before, write);
  const result = r.journal.cell(operator, before);
  const run = (): void => r.journal.write(result, write());
  branch(at, toBool(at, before), operator === "&&" ? run : () => {}, operator === "&&" ? () => {} : run);
  return result.item;
}

export function update(r: Reader, node: UpdateExpression, scope: Scope): Item {
  const counter = coverageCounter(node);
  if (counter !== undefined && !scope.find(counter)) return UNDEFINED;
  const reference = referenceTo(r, node.argument, scope);
  const before = toNumber({ r, node: node.argument, scope }, reference.get());
  const after = binaryOperators[node.operator === "++" ? "+" : "-"](r.builder, before, r.builder.i32(1));
  reference.set(after);
  return node.prefix ? after : before;
}

/** Something that is read and then written: its object and key are evaluated once. */
interface Reference {
  readonly get: () => Item;
  readonly set: (item: Item) => void;
  /** Adds to an element of an array, without reading it. */
  readonly add?: (make: () => Value) => void;
}

function referenceTo(r: Reader, target: AnyNode, scope: Scope): Reference {
  const at: Site = { r, node: target, scope };
  if (target.type === "Identifier") {
    if (!scope.find(target.name)) captured(at, target.name);
    return { get: () => identifier(r, target, scope), set: (item) => assign(r, target, item, scope) };
  }
  if (target.type !== "MemberExpression")
    return unreadable(at, target.type, `\`${textOf(at)}\` cannot be assigned to`, "Assign to names, elements and properties.");
  const object = r.expression(target.object as Expression, scope);
  const key = propertyKey(r, target, scope);
  const reference: Reference = { get: () => getProperty(at, object, key), set: (item) => setProperty(at, object, key, item) };
  if (
    isScalar(object) ||
    object.kind !== "array" ||
    object.container === "ndarray" ||
    object.shape.length !== 1 ||
    !isScalar(key)
  )
    return reference;
  return {
    ...reference,
    add: (make) => {
      const part = partAt(at, object, [toNumber(at, key)]);
      accumulateFlat(at, part.storage, part.offset, make);
    },
  };
}

/** A function assigned to a name is called by it in errors. */
export function named(item: Item, target: AnyNode): Item {
  const anonymous = !isScalar(item) && item.kind === "closure" && item.name === "function" && target.type === "Identifier";
  return anonymous ? { ...item, name: target.name } : item;
}
