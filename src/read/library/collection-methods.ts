/**
 * Reads calls of the methods of maps and sets, for keys that are known when the function is read, or numbers that are compared
 * when it runs.
 */
import type { Value } from "../../ir/ir.ts";
import { entryItems, pairItem, type Collection } from "../values/collections.ts";
import { isScalar, UNDEFINED, type BuiltinItem, type Item } from "../state/items.ts";
import { rowAt } from "../values/rows.ts";
import { unreadable, type Site } from "../state/site.ts";
import { staticOf } from "../values/static.ts";
import { wrap } from "../values/wrap.ts";

/** The method of this name. */
export function collectionMethod(collection: Collection, name: string): BuiltinItem | undefined {
  const method = Object.hasOwn(methods, name) ? methods[name] : undefined;
  const isMissing = name === "get" && collection instanceof Set;
  return method && !isMissing ? { kind: "builtin", name, call: (at, args) => method(at, collection, args) } : undefined;
}

const methods: Readonly<Record<string, (at: Site, collection: Collection, args: readonly Item[]) => Item>> = {
  get: (at, map, [key]) => {
    const found = entryIndex(at, map, key);
    const values = [...(map as ReadonlyMap<unknown, unknown>).values()];
    if (found.constant !== undefined) return found.constant < 0 ? UNDEFINED : wrap(at, values[found.constant], "value");
    const b = at.r.builder;
    return rowAt(at, values, [], found, b.operation("i32.ge", found, b.i32(0)));
  },
  has: (at, collection, [key]) => at.r.builder.operation("i32.ge", entryIndex(at, collection, key), at.r.builder.i32(0)),
  keys: (at, collection) => at.r.journal.list(entryItems(at, [...collection.keys()])),
  values: (at, collection) => at.r.journal.list(entryItems(at, [...collection.values()])),
  entries: (at, collection) => at.r.journal.list([...collection.entries()].map(([k, v]) => pairItem(at, k, v))),
  forEach: (at, collection, [callback]) => {
    at.r.hosts.noteAll(collection, "collection");
    for (const [key, value] of collection.entries()) at.r.call(at, callback, entryItems(at, [value, key]));
    return UNDEFINED;
  },
};

/** The number of the entry with a key, -1 without one. */
function entryIndex(at: Site, collection: Collection, key: Item): Value {
  const b = at.r.builder;
  at.r.hosts.noteAll(collection, "collection");
  const keys = [...collection.keys()];
  const constant = staticOf(key);
  if (constant !== undefined || key === UNDEFINED) return b.i32(keys.findIndex((each) => each === constant));
  if (isScalar(key) && keys.every((each) => typeof each === "number")) {
    const x = b.toF64(key);
    return keys.reduce<Value>(
      (found, each, i) => b.operation("i32.select", b.operation("eq", x, b.f64(each)), b.i32(i), found),
      b.i32(-1),
    );
  }
  return unreadable(
    at,
    "key",
    "The key is not known when the function is read",
    "Use keys that are numbers, or known: written in the text, or from `constants`.",
  );
}
