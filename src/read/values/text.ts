/** Makes text of items, all of which must be known when the function is read. */
import { isNullish, isScalar, type Item } from "../state/items.ts";
import { unrollFor } from "../state/open-loops.ts";
import { textOf, unreadable, type Site } from "../state/site.ts";
import { staticOf } from "./static.ts";

/** What JavaScript makes of an item where text is wanted. A counter is known in each iteration by itself. */
export function toText(at: Site, item: Item): string {
  const value = staticOf(item);
  if (typeof value === "string" || typeof value === "number" || typeof value === "boolean") return String(value);
  if (isNullish(item)) return String(item.value);
  if (isScalar(item)) unrollFor(at.r, item);
  return unreadable(
    at,
    "text",
    `\`${textOf(at)}\` makes text of what is known only when the program runs`,
    "Programs compute with numbers: take numbers for names, and arrays for what is looked up by them.",
  );
}
