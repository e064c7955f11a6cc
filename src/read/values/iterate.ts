/** Makes sequences of items that are gone over element by element. */
import type { Value } from "../../ir/ir.ts";
import { elementAt } from "./arrays.ts";
import { host, isScalar, type Item } from "../state/items.ts";
import { textOf, unreadable, type Site } from "../state/site.ts";
import { entriesOf, isCollection } from "./collections.ts";
import { wrap } from "./wrap.ts";

export interface Sequence {
  readonly length: number;
  readonly at: (index: Value) => Item;
  /** Are all elements alike, so that one iteration of a loop can stand for all? */
  readonly uniform: boolean;
}

export function iterate(at: Site, item: Item): Sequence {
  if (!isScalar(item)) {
    if (item.kind === "array" && item.container !== "ndarray") {
      return { length: item.shape[0], at: (index) => elementAt(at, item, [index]), uniform: true };
    }
    if (item.kind === "list")
      return {
        length: item.elements.length,
        at: (index) => {
          at.r.sharing.read(item.elements, at);
          return item.elements[index.constant!].item;
        },
        uniform: false,
      };
    if (item.kind === "host" && Array.isArray(item.value)) {
      const values: readonly unknown[] = item.value;
      at.r.hosts.noteAll(values, "elements");
      return { length: values.length, at: (index) => wrap(at, values[index.constant!], "element"), uniform: false };
    }
    if (item.kind === "host" && isCollection(item.value)) return iterate(at, entriesOf(at, item.value));
    if (item.kind === "host" && typeof item.value === "string") {
      const letters = [...item.value];
      return { length: letters.length, at: (index) => host(letters[index.constant!]), uniform: false };
    }
  }
  return unreadable(
    at,
    "iteration",
    `\`${textOf(at)}\` cannot be gone over element by element`,
    "Go over an array, or over Object.keys(...) of an object.",
  );
}

/** All elements, one by one. */
export function elementsOf(at: Site, item: Item): Item[] {
  const sequence = iterate(at, item);
  return Array.from({ length: sequence.length }, (_, i) => sequence.at(at.r.builder.i32(i)));
}
