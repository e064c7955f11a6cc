/** Keys of properties: which property is meant, which there are, and what is said where there is none. */
import type { AnyNode } from "acorn";
import { sizeOf } from "../../arrays/shape.ts";
import { UnknownProperty, UnreadableConstruct } from "../syntax/errors.ts";
import { describe, host, isScalar, type Item, type ObjectItem } from "../state/items.ts";
import { fail, textOf, unreadable, type Site } from "../state/site.ts";
import type { Reader } from "../state/reader.ts";
import type { Scope } from "../state/scope.ts";
import { unrollFor } from "../state/open-loops.ts";

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

/** Is it a number, known or not? */
export function isIndex(key: Item): boolean {
  return isScalar(key);
}

/** The name that a key is, where it is no index. */
export function nameOf(at: Site, key: Item): string {
  return !isScalar(key) && key.kind === "host" ? String(key.value) : fieldName(at, key);
}

/** The key of something that is not one array in memory: it must be known when the function is read. */
export function fieldName(at: Site, key: Item): string {
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

/** Has an object, a property of this name? `inherited`: of its own, or of what it inherits from. */
export function hasKey(at: Site, item: Item, key: string, inherited = false): boolean {
  const isList = !isScalar(item) && (item.kind === "array" || item.kind === "list");
  if (keysOf(at, item).includes(key) || (isList && key === "length")) return true;
  if (!inherited) return false;
  return key in (!isScalar(item) && item.kind === "host" ? (item.value as object) : isList ? Array.prototype : Object.prototype);
}

/** Throws: of an object that has no property of this name, but those of `names`. */
export function unknown(at: Site, object: Item, key: Item, names: readonly string[]): never {
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
