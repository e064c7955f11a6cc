/** Applies operators to items of any kind: numbers, text, and what may be missing. */
import type { AnyNode } from "acorn";
import { binaryOperators } from "../values/arithmetic.ts";
import { branch, partsOfMaybe } from "../values/branch.ts";
import { isEqual, requireDefined } from "../values/equality.ts";
import { host, isScalar, type Item } from "../state/items.ts";
import { toNumber } from "../state/numbers.ts";
import type { Site } from "../state/site.ts";
import { toText } from "../values/text.ts";

export function combine(at: Site, operator: string, left: Item, right: Item, leftNode: AnyNode, rightNode: AnyNode): Item {
  const b = at.r.builder;
  const isText = [left, right].some((item) => !isScalar(item) && item.kind === "host" && typeof item.value === "string");
  if (operator === "+" && isText)
    return host(toText({ ...at, node: leftNode }, left) + toText({ ...at, node: rightNode }, right));
  if (/^[!=]==?$/.test(operator)) {
    const equal = isEqual(at, left, right, operator.length === 2);
    return operator.startsWith("!") ? b.operation("bool.not", equal) : equal;
  }
  return binaryOperators[operator](b, toNumber({ ...at, node: leftNode }, left), toNumber({ ...at, node: rightNode }, right));
}

/** An item, or something else where it is undefined or null. */
export function coalesced(at: Site, item: Item, otherwise: () => Item): Item {
  const { r } = at;
  requireDefined(at, item);
  const { present, item: content } = partsOfMaybe(r.builder, item);
  const result = r.journal.cell("??", content);
  branch(
    at,
    present,
    () => {},
    () => r.journal.write(result, otherwise()),
  );
  return result.item;
}
