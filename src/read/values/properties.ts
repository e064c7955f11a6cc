/** Reads and writes properties and elements of whatever has them. */
import type { AnyNode } from "acorn";
import type { Value } from "../../ir/ir.ts";
import type { ArrayLayout, Layout } from "../../arrays/layout.ts";
import { rowMajor, sizeOf } from "../../arrays/shape.ts";
import { UnknownProperty, UnreadableConstruct } from "../syntax/errors.ts";
import { copyArray, copyShared, elementAt, elementOf, isWithin, loadFlat, partAt, storeFlat } from "./arrays.ts";
import { Cell } from "../state/cells.ts";
import {
  describe,
  host,
  isScalar,
  maybe,
  UNDEFINED,
  type ArrayItem,
  type HostItem,
  type Item,
  type ListItem,
  type ObjectItem,
  type RecordItem,
} from "../state/items.ts";
import { ndarrayProperties } from "./ndarray-properties.ts";
import { toElementIndex, toNumber } from "../state/numbers.ts";
import { fail, textOf, unreadable, type Site } from "../state/site.ts";
import type { Reader } from "../state/reader.ts";
import type { Scope } from "../state/scope.ts";
import { unrollFor } from "../state/open-loops.ts";
import { areRows, rowAt } from "./rows.ts";
import { wrap } from "./wrap.ts";

/** The key of a member or property, as an item: a string, or a number. */
export function propertyKey(r: Reader, node: AnyNode, scope: Scope): Item {
  if (node.type === "MemberExpression") {
    if (node.computed) return asIndex(r, r.expression(node.property, scope));
    if (node.property.type === "Identifier") return host(node.property.name);
  } else if (node.type === "Property") {
    if (node.computed) return r.expression(node.key, scope);
    if (node.key.type === "Identifier") return host(node.key.name);
    if (node.key.type === "Literal") return host(node.key.value);
  }
  return unreadable({ r, node, scope }, "key", "This kind of property cannot be read", "Use plain names.");
}

/** A key; the text of an index is as good as the number. */
function asIndex(r: Reader, key: Item): Item {
  const isText = !isScalar(key) && key.kind === "host" && typeof key.value === "string";
  return isText && /^(0|[1-9]\d{0,8})$/.test(key.value as string) ? r.builder.i32(Number(key.value)) : key;
}

/** `optional`: a property that is missing is undefined, not an error. */
export function getProperty(at: Site, object: Item, key: Item, optional = false): Item {
  if (isScalar(object)) return unknown(at, object, key, []);
  switch (object.kind) {
    case "array":
      return propertyOfArray(at, object, key, optional);
    case "record": {
      const layout = object.layout.fields[fieldName(at, key)];
      if (layout) return componentAt(at, object, layout);
      return optional ? UNDEFINED : unknown(at, object, key, Object.keys(object.layout.fields));
    }
    case "object": {
      at.r.sharing.read(object.fields, at);
      const cell = object.fields.get(fieldName(at, key));
      if (cell) return cell.item;
      return optional ? UNDEFINED : unknown(at, object, key, [...object.fields.keys()]);
    }
    case "list":
      return propertyOfList(at, object, key);
    case "row":
      return rowAt(at, object.rows, [...object.path, fieldName(at, key)], object.index, object.present);
    case "host":
      return propertyOfHost(at, object, key);
    // Where it is nothing, JavaScript throws.
    case "maybe":
      return getProperty(at, object.item, key, optional);
    case "closure":
    case "builtin":
    case "operation":
      return unreadable(
        at,
        "property",
        `\`${textOf(at)}\` reads a property of a function`,
        "Put the function and its properties into an object.",
      );
    default:
      return unknown(at, object, key, []);
  }
}

function propertyOfArray(at: Site, array: ArrayItem, key: Item, optional: boolean): Item {
  const isNdArray = array.container === "ndarray";
  if (isIndex(key)) {
    if (isNdArray) return unknown(at, array, key, ["get", "set"]);
    return (optional ? elementIfThere : elementAt)(at, array, [toNumber(at, key)]);
  }
  const name = nameOf(at, key);
  if (!isNdArray) return name === "length" ? at.r.builder.i32(array.shape[0]) : unknown(at, array, key, ["length"]);
  if (Object.hasOwn(ndarrayProperties, name)) return ndarrayProperties[name](at, array);
  return unknown(at, array, key, Object.keys(ndarrayProperties));
}

function propertyOfList(at: Site, list: ListItem, key: Item): Item {
  const { elements } = list;
  if (!isIndex(key)) return nameOf(at, key) === "length" ? at.r.builder.i32(elements.length) : unknown(at, list, key, ["length"]);
  at.r.sharing.read(elements, at);
  return elements[Number(fieldName(at, key))]?.item ?? unknown(at, list, key, Object.keys(elements));
}

function propertyOfHost(at: Site, object: HostItem, key: Item): Item {
  const { hosts, builder } = at.r;
  if (object.value === undefined || object.value === null) return unknown(at, object, key, []);
  if (isScalar(key) && key.constant === undefined && areRows(object.value)) return rowAt(at, object.value, [], key);
  const name = fieldName(at, key);
  const value = (object.value as Readonly<Record<string, unknown>>)[name];
  if (typeof object.value === "object") {
    const data = hosts.field(object.value, name);
    if (data) return loadFlat(at, data, builder.i32(0));
    hosts.note(object.value, name);
  }
  return wrap(at, value, name);
}

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

/** An element that is undefined where the index is outside. */
function elementIfThere(at: Site, array: ArrayItem, [key]: readonly Value[]): Item {
  const { builder: b } = at.r;
  const [index, size] = [toElementIndex(b, key), array.shape[0]];
  if (index.min >= 0 && index.max < size) return elementAt(at, array, [index]);
  const present = isWithin(b, index, size);
  if (present.constant === 0 || size === 0) return UNDEFINED;
  return maybe(present, elementAt(at, array, [b.operation("i32.select", present, index, b.i32(0))]));
}

/** A component of a parameter, to read or to write through. */
export function componentAt(at: Site, record: Pick<RecordItem, "leaf">, layout: Layout): Item {
  const b = at.r.builder;
  switch (layout.kind) {
    case "scalar":
      return loadFlat(at, record.leaf(layout), b.i32(layout.offset));
    case "array":
      return arrayComponent(at, record, layout);
    case "struct":
      return { kind: "record", layout, leaf: record.leaf };
  }
}

function arrayComponent(at: Site, record: Pick<RecordItem, "leaf">, layout: ArrayLayout): ArrayItem {
  const { shape, container } = layout;
  return {
    kind: "array",
    storage: record.leaf(layout),
    offset: at.r.builder.i32(layout.offset),
    shape,
    strides: rowMajor(shape),
    container,
  };
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

/** Names of the properties of an object. */
export function keysOf(at: Site, item: Item): string[] {
  if (!isScalar(item)) {
    if (item.kind === "record") return Object.keys(item.layout.fields);
    if (item.kind === "object") return keysOfObject(at, item);
    if (item.kind === "row")
      return Object.keys(item.path.reduce((row, key) => row[key] as never, item.rows[0] as Record<string, unknown>));
    if (item.kind === "host" && typeof item.value === "object" && item.value !== null) {
      at.r.hosts.noteKeys(item.value);
      return Object.keys(item.value);
    }
    if (item.kind === "array" && item.storage.holes) at.r.wholeUses.push({ at, storage: item.storage });
    if (item.kind === "array" || item.kind === "list")
      return Array.from({ length: item.kind === "list" ? item.elements.length : sizeOf(item.shape.slice(0, 1)) }, (_, i) =>
        String(i),
      );
  }
  return unreadable(
    at,
    "object",
    `\`${textOf(at)}\` needs an object, not ${describe(item)}`,
    "Give it an object with named components.",
  );
}

/** Has an object, a property of this name? `inherited`: of its own, or of what it inherits from. */
export function hasKey(at: Site, item: Item, key: string, inherited = false): boolean {
  const isList = !isScalar(item) && (item.kind === "array" || item.kind === "list");
  if (keysOf(at, item).includes(key) || (isList && key === "length")) return true;
  if (!inherited) return false;
  return key in (!isScalar(item) && item.kind === "host" ? (item.value as object) : isList ? Array.prototype : Object.prototype);
}

/** In the order of JavaScript: indices come first, by their size. */
function keysOfObject(at: Site, { fields }: ObjectItem): string[] {
  if (at.r.varying.has(fields)) {
    unreadable(
      at,
      "keys",
      `Which names \`${textOf(at)}\` goes over depends on the path taken: some are added in a branch or loop`,
      "Give the object all its properties where it is made.",
    );
  }
  return Object.keys(Object.fromEntries([...fields.keys()].map((key) => [key, 0])));
}

function isIndex(key: Item): boolean {
  return isScalar(key);
}

function nameOf(at: Site, key: Item): string {
  return !isScalar(key) && key.kind === "host" ? String(key.value) : fieldName(at, key);
}

/** The key of something that is not one array in memory: it must be known when the function is read. */
function fieldName(at: Site, key: Item): string {
  if (isScalar(key)) {
    if (key.constant !== undefined) return String(key.constant);
    unrollFor(at.r, key);
  } else if (key.kind === "host") return String(key.value);
  return unreadable(
    at,
    "computed key",
    `The key of \`${textOf(at)}\` is not known when the function is read`,
    "Use an array of numbers for what is indexed by computed values.",
  );
}

function unknown(at: Site, object: Item, key: Item, names: readonly string[]): never {
  const name = isScalar(key) ? String(key.constant ?? "[index]") : key.kind === "host" ? String(key.value) : "?";
  if (name in (prototypeOf(object) ?? {})) {
    return unreadable(
      at,
      name,
      `\`${textOf(at)}\` is what JavaScript gives ${describe(object)} by itself, which programs have only where it is called`,
      "Call it there, or keep what you need of it in a variable of your own.",
    );
  }
  // What the function made itself may be given it later, and is undefined until then: no mistake, but nothing that programs do.
  const isOwn = !isScalar(object) && (object.kind === "object" || object.kind === "list");
  return fail(at, isOwn ? UnreadableConstruct : UnknownProperty, {
    construct: name,
    what: `\`${textOf(at)}\`: ${describe(object)} has no \`${name}\``,
    remedy: names.length ? `It has: ${names.join(", ")}.` : "Check what it is applied to.",
  });
}

/** What JavaScript's own properties of an item come from. */
function prototypeOf(item: Item): object | undefined {
  if (isScalar(item)) return item.type === "bool" ? Boolean.prototype : Number.prototype;
  switch (item.kind) {
    case "array":
      return { array: Array.prototype, typed: Float64Array.prototype, ndarray: Object.prototype }[item.container];
    case "list":
      return Array.prototype;
    case "host":
      return undefined;
    default:
      return Object.prototype;
  }
}

function unknownComponent(at: Site, what: string, name: string, names: readonly string[]): never {
  return fail(at, UnknownProperty, { construct: name, what, remedy: `It has: ${names.join(", ")}.` });
}
