/** Assigns items to names, to members, and to patterns of those. */
import type { AnyNode, Pattern } from "acorn";
import { branch } from "../values/branch.ts";
import { requireDefined } from "../values/equality.ts";
import { host, isScalar, isUndefined, UNDEFINED, type Item } from "../state/items.ts";
import { elementsOf, iterate } from "../values/iterate.ts";
import { arrayOf } from "../values/array-of.ts";
import { getProperty } from "../values/properties.ts";
import { keysOf, propertyKey } from "../values/keys.ts";
import { setProperty } from "../values/assignment.ts";
import { unreadable, type Site } from "../state/site.ts";
import type { Reader } from "../state/reader.ts";
import type { Scope } from "../state/scope.ts";
import type { FunctionNode } from "../syntax/source.ts";

type Leaf = (target: AnyNode, item: Item) => void;

/** Declares the names of a pattern in a scope. */
export function declarePattern(r: Reader, pattern: Pattern, item: Item, scope: Scope): void {
  destructure(r, pattern, item, scope, (target, part) => {
    const { name } = target as { name: string } & AnyNode;
    scope.declare(name, r.journal.cell(name, part));
  });
}

/** Assigns to what a pattern names. */
export function bindPattern(r: Reader, pattern: Pattern | AnyNode, item: Item, scope: Scope): void {
  destructure(r, pattern, item, scope, (target, part) => assign(r, target, part, scope));
}

export function declareParameters(r: Reader, node: FunctionNode, args: readonly Item[], scope: Scope): void {
  node.params.forEach((pattern, i) => {
    if (pattern.type === "RestElement")
      declarePattern(r, pattern.argument, arrayOf({ r, node: pattern, scope }, args.slice(i)), scope);
    else declarePattern(r, pattern, args[i] ?? UNDEFINED, scope);
  });
}

export function assign(r: Reader, target: AnyNode, item: Item, scope: Scope): void {
  const at: Site = { r, node: target, scope };
  if (target.type === "Identifier") {
    const cell = scope.find(target.name);
    if (!cell) {
      unreadable(
        at,
        "assignment",
        `\`${target.name}\` is assigned, but it is declared outside the function`,
        "Declare it within the function; results are returned or written to the first argument.",
      );
    }
    r.journal.write(cell, item);
  } else if (target.type === "MemberExpression") {
    const object = r.expression(target.object, scope);
    setProperty(at, object, propertyKey(r, target, scope), item);
  } else unreadable(at, target.type, `\`${target.type}\` cannot be assigned to`, "Assign to names, elements and properties.");
}

/** An item, or the default where it is undefined. */
function orDefault(at: Site, item: Item, otherwise: () => Item): Item {
  const { journal } = at.r;
  if (isUndefined(item)) return otherwise();
  requireDefined(at, item);
  if (isScalar(item) || item.kind !== "maybe" || item.absent.value === null) return item;
  const result = journal.cell("default", item.item);
  branch(
    at,
    item.present,
    () => {},
    () => journal.write(result, otherwise()),
  );
  return result.item;
}

function destructure(r: Reader, pattern: Pattern | AnyNode, item: Item, scope: Scope, leaf: Leaf): void {
  const at: Site = { r, node: pattern, scope };
  switch (pattern.type) {
    case "ObjectPattern": {
      const taken = new Set<string>();
      for (const property of pattern.properties) {
        if (property.type === "RestElement") {
          const fields = keysOf(at, item).filter((key) => !taken.has(key));
          const rest = new Map(fields.map((key) => [key, r.journal.cell(key, getProperty(at, item, host(key)))]));
          destructure(r, property.argument, r.journal.object(rest), scope, leaf);
          continue;
        }
        const key = propertyKey(r, property, scope);
        if (!isScalar(key) && key.kind === "host") taken.add(String(key.value));
        const optional = property.value.type === "AssignmentPattern";
        destructure(r, property.value, getProperty({ r, node: property, scope }, item, key, optional), scope, leaf);
      }
      return;
    }
    case "ArrayPattern": {
      const { length, at: element } = iterate(at, item);
      pattern.elements.forEach((target, i) => {
        if (target?.type === "RestElement")
          destructure(r, target.argument, arrayOf(at, elementsOf(at, item).slice(i)), scope, leaf);
        else if (target) destructure(r, target, i < length ? element(r.builder.i32(i)) : UNDEFINED, scope, leaf);
      });
      return;
    }
    case "AssignmentPattern": {
      destructure(
        r,
        pattern.left,
        orDefault(at, item, () => r.expression(pattern.right, scope)),
        scope,
        leaf,
      );
      return;
    }
    default:
      leaf(pattern, item);
  }
}
