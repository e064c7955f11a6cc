/** Reads properties and elements of whatever has them. */
import type { Value } from "../../ir/ir.ts";
import type { ArrayLayout, Layout } from "../../arrays/layout.ts";
import { rowMajor } from "../../arrays/shape.ts";
import { elementAt, isWithin, loadFlat } from "./arrays.ts";
import {
  isScalar,
  maybe,
  UNDEFINED,
  type ArrayItem,
  type HostItem,
  type Item,
  type ListItem,
  type RecordItem,
} from "../state/items.ts";
import { fieldName, isIndex, nameOf, unknown } from "./keys.ts";
import { ndarrayProperties } from "./ndarray-properties.ts";
import { requireConstant, toElementIndex, toNumber } from "../state/numbers.ts";
import { textOf, unreadable, type Site } from "../state/site.ts";
import { isClass } from "../syntax/source.ts";
import { areRows, rowAt } from "./rows.ts";
import { wrap } from "./wrap.ts";

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
  requireConstant(at.node.type === "MemberExpression" ? { ...at, node: at.node.object } : at, object.value);
  if (isScalar(key) && key.constant === undefined && areRows(object.value)) return rowAt(at, object.value, [], key);
  const name = fieldName(at, key);
  const value = (object.value as Readonly<Record<string, unknown>>)[name];
  if (typeof object.value === "object" || isClass(object.value)) {
    const data = hosts.field(object.value, name);
    if (data) return loadFlat(at, data, builder.i32(0));
    hosts.note(object.value, name);
  }
  return wrap(at, value, name);
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
    case "extended":
      return componentAt(at, record, layout.own);
  }
}

export function arrayComponent(at: Site, record: Pick<RecordItem, "leaf">, layout: ArrayLayout): ArrayItem {
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
