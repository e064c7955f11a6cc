/** Makes lists of what maps and sets among the constants hold. */
import type { Item, ListItem } from "../state/items.ts";
import type { Site } from "../state/site.ts";
import { wrap } from "./wrap.ts";

export type Collection = ReadonlyMap<unknown, unknown> | ReadonlySet<unknown>;

export function isCollection(value: unknown): value is Collection {
  return value instanceof Map || value instanceof Set;
}

/** What `for…of` and spreading go over. */
export function entriesOf(at: Site, collection: Collection): ListItem {
  at.r.hosts.noteAll(collection, "collection");
  return at.r.journal.list(
    collection instanceof Map ? [...collection].map(([k, v]) => pairItem(at, k, v)) : entryItems(at, [...collection]),
  );
}

export function entryItems(at: Site, values: readonly unknown[]): Item[] {
  return values.map((value) => wrap(at, value, "value"));
}

export function pairItem(at: Site, key: unknown, value: unknown): Item {
  return at.r.journal.list(entryItems(at, [key, value]));
}
