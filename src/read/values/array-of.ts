/** Makes arrays of given items. */
import { sameShape } from "../../arrays/shape.ts";
import { arrayOfHoles, copyShared, mayOverlap, newArray, partAt } from "./arrays.ts";
import { keepAlike } from "../state/elements.ts";
import { isScalar, UNDEFINED, type ArrayItem, type Item } from "../state/items.ts";
import { toNumber } from "../state/numbers.ts";
import type { Site } from "../state/site.ts";

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
  return at.r.journal.list(items);
}
