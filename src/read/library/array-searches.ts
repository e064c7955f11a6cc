/** Goes over the elements of arrays: calls back with each, finds the first that passes, and asks whether all or some do. */
import type { AnyNode } from "acorn";
import type { Value } from "../../ir/ir.ts";
import { countedLoop } from "../loops/counted-loop.ts";
import { unrolledLoop } from "../loops/unrolled-loop.ts";
import type { Cell } from "../state/cells.ts";
import { isScalar, type Item } from "../state/items.ts";
import { toBool } from "../state/numbers.ts";
import type { Site } from "../state/site.ts";
import { branch } from "../values/branch.ts";
import { iterate } from "../values/iterate.ts";

type Nodes = readonly (AnyNode | null | undefined)[];
type Test = (item: Item, index: Value) => Value;

/** Calls `iteration` with every index and element: in a loop of the program where elements are alike. */
export function each(
  at: Site,
  self: Item,
  nodes: Nodes = [],
  carry: readonly Cell[],
  iteration: (index: Value, item: Item) => void,
  first = 0,
): void {
  const b = at.r.builder;
  const sequence = iterate(at, self);
  const run = (index: Value): void => iteration(index, sequence.at(index));
  if (!sequence.uniform) return unrolledLoop({ ...at, scope: at.scope.inner() }, sequence.length, (i) => run(b.i32(i)), first);
  countedLoop(at, at.node, {
    from: b.i32(first),
    to: b.i32(sequence.length),
    step: 1,
    cell: undefined,
    nodes,
    body: run,
    after: [],
    carry,
  });
}

/** The number of the first element that passes, -1 where none does. */
export function foundIndex(at: Site, self: Item, callback: Item): Value {
  return foundIndexBy(at, self, (item, index) => toBool(at, at.r.call(at, callback, [item, index, self])), nodesOf(callback));
}

export function foundIndexBy(at: Site, self: Item, test: Test, nodes?: Nodes): Value {
  const b = at.r.builder;
  const found = at.r.journal.cell("found", b.i32(-1));
  each(at, self, nodes, [found], (index, item) =>
    branch(
      at,
      b.operation("i32.lt", found.item as Value, b.i32(0)),
      () =>
        branch(
          at,
          test(item, index),
          () => at.r.journal.write(found, index),
          () => {},
        ),
      () => {},
    ),
  );
  return found.item as Value;
}

export function quantify(at: Site, self: Item, callback: Item, all: boolean): Item {
  const test: Test = (item, index) => toBool(at, at.r.call(at, callback, [item, index, self]));
  return quantifyBy(at, self, all, test, nodesOf(callback));
}

export function quantifyBy(at: Site, self: Item, all: boolean, test: Test, nodes?: Nodes): Item {
  const b = at.r.builder;
  const result = at.r.journal.cell(all ? "every" : "some", b.bool(all));
  each(at, self, nodes, [result], (index, item) => {
    const undecided = all ? (result.item as Value) : b.operation("bool.not", result.item as Value);
    branch(
      at,
      undecided,
      () => at.r.journal.write(result, test(item, index)),
      () => {},
    );
  });
  return result.item;
}

export function nodesOf(callback: Item): Nodes {
  return !isScalar(callback) && callback.kind === "closure" ? [callback.node] : [];
}
