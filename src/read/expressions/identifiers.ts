/** Reads names: variables of a scope, or globals. */
import type { Identifier } from "acorn";
import { asIsHere } from "../values/branch.ts";
import { globalNamed } from "../library/globals.ts";
import { isScalar, UNSET, type Item } from "../state/items.ts";
import type { Reader } from "../state/reader.ts";
import type { Scope } from "../state/scope.ts";
import { unreadable, type Site } from "../state/site.ts";

export function identifier(r: Reader, node: Identifier, scope: Scope): Item {
  const cell = scope.find(node.name);
  const at: Site = { r, node, scope };
  if (!cell) return globalNamed(at, node.name);
  const { item } = cell;
  if (!isScalar(item) && item.kind === "unknown" && item !== UNSET) {
    return unreadable(
      at,
      "varying variable",
      `\`${node.name}\` cannot be known here: ${item.reason}`,
      "Let a variable hold numbers, or arrays of one shape, on every path.",
    );
  }
  return asIsHere(at, item);
}
