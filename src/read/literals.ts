/** Arrays and objects that the function makes. */
import type { ArrayExpression, ObjectExpression } from "acorn";
import { sameShape } from "../arrays/shape.ts";
import type { Value } from "../ir/ir.ts";
import { arrayOfHoles, copyShared, elementOf, newArray, partAt, storeFlat } from "./arrays.ts";
import { keepAlike, type ElementName } from "./elements.ts";
import { evaluate } from "./expressions.ts";
import { host, isScalar, UNDEFINED, type ArrayItem, type Item } from "./items.ts";
import { elementsOf } from "./iterate.ts";
import type { Cell } from "./journal.ts";
import { countedLoop } from "./loops.ts";
import { toNumber } from "./numbers.ts";
import { getProperty, keysOf, propertyKey } from "./properties.ts";
import { mayOverlap } from "./sharing.ts";
import { unreadable, type Reader, type Site } from "./reader.ts";
import type { Scope } from "./scope.ts";
import type { AnyNode } from "acorn";

export function arrayLiteral(r: Reader, node: ArrayExpression, scope: Scope): Item {
  const items = node.elements.flatMap((element): Item[] => {
    if (!element) return [UNDEFINED];
    if (element.type === "SpreadElement") return elementsOf({ r, node: element, scope }, evaluate(r, element.argument, scope));
    return [evaluate(r, element, scope)];
  });
  return arrayOf({ r, node, scope }, items);
}

/** An array of these items: numbers, and arrays of one shape, lie in one array in memory. */
export function arrayOf(at: Site, items: readonly Item[]): Item {
  const b = at.r.builder;
  const areBooleans = items.map((item) => isScalar(item) && item.type === "bool");
  if (items.length > 0 && items.every(isScalar) && areBooleans.every((is) => is === areBooleans[0])) {
    const values = items.map((item) => toNumber(at, item));
    const constants = values.flatMap((value) => value.constant ?? []);
    const literal = constants.length === values.length ? constants : undefined;
    const array = newArray(at, [items.length], "array", "Array", "array", literal);
    if (literal) at.r.literals.push(array.storage);
    array.storage.booleans = areBooleans[0];
    array.storage.holes = values.some((value) => at.r.kinds.mayBeUndefined(value));
    values.forEach((value, i) => b.store(array.storage.initialised(), b.i32(i), b.toF64(value)));
    return array;
  }
  // What minifiers make of `new Array(2)`: [, ,].
  if (items.length > 0 && items.every((item) => item === UNDEFINED)) return arrayOfHoles(at, items.length);
  const rows = items.filter(
    (item): item is ArrayItem =>
      !isScalar(item) && item.kind === "array" && item.container !== "ndarray" && keepAlike(item.storage.element, "Array"),
  );
  if (items.length > 0 && rows.length === items.length && rows.every((row) => sameShape(row.shape, rows[0].shape))) {
    const contents = rows.map((row) => row.storage.content);
    const array = newArray(at, [items.length, ...rows[0].shape], "array", "Array", "array");
    rows.forEach((row, i) => copyShared(at, partAt(at, array, [b.i32(i)]), row, i));
    if (rows.some((row, i) => rows.slice(0, i).some((other) => mayOverlap(row, other))))
      at.r.sharing.link(array.storage, array.storage);
    if (contents.every((content) => content !== undefined)) {
      array.storage.remember(contents.flatMap((content) => Array.from(content!)));
      at.r.literals.push(array.storage);
    }
    return array;
  }
  return { kind: "list", elements: items.map((item, i) => at.r.journal.cell(`[${i}]`, item)) };
}

/** An array of what `produce` gives for each index. */
export function arrayFrom(
  at: Site,
  length: number,
  container: ArrayItem["container"],
  element: ElementName,
  nodes: readonly (AnyNode | null | undefined)[],
  produce: (index: Value) => Item,
): Item {
  const { r } = at;
  const b = r.builder;
  const numbers = newArray(at, [length], container, element);
  const items: Item[] = [];
  let rows: ArrayItem | undefined;
  let scalars = 0;
  countedLoop(at, at.node, {
    from: b.i32(0),
    to: b.i32(length),
    step: 1,
    cell: undefined,
    nodes,
    body: (index) => {
      const item = produce(index);
      if (isScalar(item)) {
        scalars++;
        if (element === "Array" && scalars === 1) numbers.storage.booleans = item.type === "bool";
        storeFlat(at, numbers.storage, index, elementOf(at, numbers.storage, item));
      } else if (item.kind === "array" && item.container !== "ndarray" && (!rows || sameShape(rows.shape.slice(1), item.shape))) {
        if (!rows) {
          rows = newArray(at, [length, ...item.shape], container, "Array");
          // One array for all turns.
          r.sharing.made(rows.storage, numbers.storage);
        }
        copyShared(at, partAt(at, rows, [index]), item);
        if (!at.r.sharing.isMadeInTurn(item.storage)) at.r.sharing.link(rows.storage, rows.storage);
      } else if (index.constant === undefined) r.turns[r.turns.length - 1].unroll();
      if (index.constant !== undefined) items[index.constant] = item;
    },
    after: [],
  });
  if (length === 0 || scalars > 0) return numbers;
  return rows && items.every((item) => !isScalar(item) && item.kind === "array") ? rows : arrayOf(at, items);
}

export function objectLiteral(r: Reader, node: ObjectExpression, scope: Scope): Item {
  const fields = new Map<string, Cell>();
  const put = (key: string, item: Item): void => void fields.set(key, r.journal.cell(key, item));
  for (const property of node.properties) {
    const at: Site = { r, node: property, scope };
    if (property.type === "SpreadElement") {
      const source = evaluate(r, property.argument, scope);
      for (const key of keysOf(at, source)) put(key, getProperty(at, source, host(key)));
      continue;
    }
    if (property.kind !== "init")
      unreadable(at, "accessor", "A getter or setter cannot be read", "Use a plain property or a function.");
    const key = propertyKey(r, property, scope);
    if (isScalar(key)) put(String(key.constant), evaluate(r, property.value, scope));
    else if (key.kind === "host") put(String(key.value), evaluate(r, property.value, scope));
    else unreadable(at, "key", "This kind of property cannot be read", "Use plain names.");
  }
  return r.journal.object(fields);
}
