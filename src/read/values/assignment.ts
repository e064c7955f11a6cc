/** Writes properties and elements of whatever has them. */
import type { Layout } from "../../arrays/layout.ts";
import { UnknownProperty } from "../syntax/errors.ts";
import { copyArray, copyShared, elementOf, partAt, storeFlat } from "./arrays.ts";
import { Cell } from "../state/cells.ts";
import { describe, host, isScalar, UNDEFINED, type ArrayItem, type Item, type RecordItem } from "../state/items.ts";
import { fieldName, isIndex, keysOf, unknown } from "./keys.ts";
import { arrayComponent, getProperty } from "./properties.ts";
import { toNumber } from "../state/numbers.ts";
import { fail, textOf, unreadable, type Site } from "../state/site.ts";

export function setProperty(at: Site, object: Item, key: Item, item: Item): void {
  const { journal } = at.r;
  if (!isScalar(object)) {
    if (object.kind === "array" && isIndex(key) && object.container !== "ndarray") return assignElement(at, object, key, item);
    if (object.kind === "record") {
      const layout = object.layout.fields[fieldName(at, key)];
      if (!layout) unknown(at, object, key, Object.keys(object.layout.fields));
      return assignComponent(at, object, layout, item);
    }
    if (object.kind === "object") {
      at.r.sharing.wrote(object.fields, at);
      const name = fieldName(at, key);
      const cell = object.fields.get(name);
      if (cell) return journal.write(cell, item);
      // On other paths, and before, there is none.
      const added = new Cell(name, UNDEFINED, object.birth);
      object.fields.set(name, added);
      journal.onRollback(() => object.fields.delete(name));
      if (journal.level > object.level) at.r.varying.add(object.fields);
      return journal.write(added, item);
    }
    if (object.kind === "list" && isIndex(key)) {
      const cell = object.elements[Number(fieldName(at, key))];
      at.r.sharing.wrote(object.elements, at);
      if (cell) return journal.write(cell, item);
    }
  }
  unreadable(
    at,
    "assignment",
    `\`${textOf(at)}\` assigns to ${describe(object)}`,
    "Assign to elements of arrays (set(i, j, value) of ndarrays), to components of the derivative, and to your own objects. Arrays grow by no push: make them with new Array(n).",
  );
}

function assignElement(at: Site, array: ArrayItem, key: Item, item: Item): void {
  const part = partAt(at, array, [toNumber(at, key)]);
  if (part.shape.length === 0) storeFlat(at, part.storage, part.offset, elementOf(at, part.storage, item));
  else replaceRow(at, part, arrayLike(at, item));
}

/** `rows[i] = row`: both are one from now on, and what was taken of `rows[i]` before stays what it was. */
function replaceRow(at: Site, target: ArrayItem, row: ArrayItem): void {
  copyShared(at, target, row);
  at.r.sharing.replacedRow(target.storage, at);
}

/** Stores a whole value in the user's shape. */
export function assignComponent(at: Site, record: Pick<RecordItem, "leaf">, layout: Layout, item: Item): void {
  switch (layout.kind) {
    case "scalar":
      return storeFlat(at, record.leaf(layout), at.r.builder.i32(layout.offset), toNumber(at, item));
    case "array":
      return copyArray(at, arrayComponent(at, record, layout), arrayLike(at, item));
    case "struct": {
      const given = keysOf(at, item);
      const wanted = Object.keys(layout.fields);
      for (const key of given)
        if (!wanted.includes(key)) unknownComponent(at, `The result has no component \`${key}\``, key, wanted);
      for (const key of wanted)
        if (!given.includes(key)) unknownComponent(at, `The component \`${key}\` is not given`, key, given);
      for (const key of wanted) assignComponent(at, record, layout.fields[key], getProperty(at, item, host(key)));
    }
  }
}

function arrayLike(at: Site, item: Item): ArrayItem {
  if (!isScalar(item) && item.kind === "array") return item;
  return unreadable(
    at,
    "assignment",
    `\`${textOf(at)}\` takes an array of numbers, not ${describe(item)}`,
    "Assign an array of the same shape.",
  );
}

function unknownComponent(at: Site, what: string, name: string, names: readonly string[]): never {
  return fail(at, UnknownProperty, { construct: name, what, remedy: `It has: ${names.join(", ")}.` });
}
