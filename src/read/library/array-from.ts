/** Makes arrays element by element, in a loop of the program where the elements are alike. */
import type { AnyNode } from "acorn";
import { sameShape } from "../../arrays/shape.ts";
import type { Value } from "../../ir/ir.ts";
import { arrayOf } from "../values/array-of.ts";
import { copyShared, elementOf, newArray, partAt, storeFlat } from "../values/arrays.ts";
import { countedLoop } from "../loops/counted-loop.ts";
import type { ElementName } from "../state/elements.ts";
import { isScalar, type ArrayItem, type Item } from "../state/items.ts";
import type { Site } from "../state/site.ts";

/** An array of what `produce` gives for each index. */
export function arrayFrom(
  at: Site,
  length: number,
  container: ArrayItem["container"],
  element: ElementName,
  nodes: readonly (AnyNode | null | undefined)[],
  produce: (index: Value) => Item,
): Item {
  const { r } = at;
  const b = r.builder;
  const numbers = newArray(at, [length], container, element);
  const items: Item[] = [];
  let rows: ArrayItem | undefined;
  let scalars = 0;
  countedLoop(at, at.node, {
    from: b.i32(0),
    to: b.i32(length),
    step: 1,
    cell: undefined,
    nodes,
    body: (index) => {
      const item = produce(index);
      if (isScalar(item)) {
        scalars++;
        if (element === "Array" && scalars === 1) numbers.storage.booleans = item.type === "bool";
        storeFlat(at, numbers.storage, index, elementOf(at, numbers.storage, item));
      } else if (item.kind === "array" && item.container !== "ndarray" && (!rows || sameShape(rows.shape.slice(1), item.shape))) {
        if (!rows) {
          rows = newArray(at, [length, ...item.shape], container, "Array");
          // One array for all iterations.
          r.sharing.made(rows.storage, numbers.storage);
        }
        copyShared(at, partAt(at, rows, [index]), item);
        if (!at.r.sharing.isMadeInIteration(item.storage)) at.r.sharing.link(rows.storage, rows.storage);
      } else if (index.constant === undefined) r.openLoops[r.openLoops.length - 1].unroll();
      if (index.constant !== undefined) items[index.constant] = item;
    },
    after: [],
  });
  if (length === 0 || scalars > 0) return numbers;
  return rows && items.every((item) => !isScalar(item) && item.kind === "array") ? rows : arrayOf(at, items);
}
