/** Reads calls of the methods of arrays and typed arrays. */
import { affine, combine } from "../../ir/affine.ts";
import { sizeOf } from "../../arrays/shape.ts";
import { copyArray, elementOf, expectArray, fillArray, mayOverlap, newArray, putRows, storeFlat } from "../values/arrays.ts";
import { branch } from "../values/branch.ts";
import { isEqual, isSame } from "../values/equality.ts";
import { isScalar, maybe, UNDEFINED, type ArrayItem, type Item, type ListItem } from "../state/items.ts";
import { elementsOf, iterate } from "../values/iterate.ts";
import { arrayFrom } from "./array-from.ts";
import { arrayOf } from "../values/array-of.ts";
import { toBool, toIndex, toNumber } from "../state/numbers.ts";
import { textOf, unreadable, type Site } from "../state/site.ts";
import { advance } from "../../operations/view.ts";
import { rowAt } from "../values/rows.ts";
import type { Value } from "../../ir/ir.ts";
import { staticOf } from "../values/static.ts";
import { each, foundIndex, foundIndexBy, nodesOf, quantify, quantifyBy } from "./array-searches.ts";

type Method = (at: Site, self: ArrayItem | ListItem, args: readonly Item[]) => Item;

/** What leaves out elements that were never written. */
export const passOverHoles: ReadonlySet<string> = new Set([
  "forEach",
  "map",
  "reduce",
  "filter",
  "flatMap",
  "every",
  "some",
  "indexOf",
]);

export const arrayMethods: Readonly<Record<string, Method>> = {
  forEach: (at, self, [callback]) => {
    each(at, self, nodesOf(callback), [], (index, item) => void at.r.call(at, callback, [item, index, self]));
    return UNDEFINED;
  },
  map: (at, self, [callback]) => {
    const sequence = iterate(at, self);
    const produce = (index: Value): Item => at.r.call(at, callback, [sequence.at(index), index, self]);
    if (!sequence.uniform)
      return arrayOf(
        at,
        Array.from({ length: sequence.length }, (_, i) => produce(at.r.builder.i32(i))),
      );
    const { container, storage } = self as ArrayItem;
    return arrayFrom(
      at,
      sequence.length,
      container,
      container === "typed" ? storage.element : "Array",
      nodesOf(callback),
      produce,
    );
  },
  reduce: (at, self, [callback, initial]) => {
    const sequence = iterate(at, self);
    const total = at.r.journal.cell("reduce", initial ?? sequence.at(at.r.builder.i32(0)));
    each(
      at,
      self,
      nodesOf(callback),
      [total],
      (index, item) => at.r.journal.write(total, at.r.call(at, callback, [total.item, item, index, self])),
      initial ? 0 : 1,
    );
    return total.item;
  },
  find: (at, self, [callback]) => {
    const b = at.r.builder;
    const index = foundIndex(at, self, callback);
    const { elements, rows } = self.kind === "list" ? self : { elements: [], rows: undefined };
    if (index.constant !== undefined) return index.constant < 0 ? UNDEFINED : iterate(at, self).at(index);
    const present = b.operation("i32.ge", index, b.i32(0));
    if (self.kind === "array") {
      const first = iterate(at, self).at(b.operation("i32.select", present, index, b.i32(0)));
      return maybe(present, first);
    }
    if (rows) return rowAt(at, rows, [], index, present);
    const found = at.r.journal.cell("find", UNDEFINED);
    elements.forEach((cell, i) =>
      branch(
        at,
        b.operation("i32.eq", index, b.i32(i)),
        () => at.r.journal.write(found, cell.item),
        () => {},
      ),
    );
    return found.item;
  },
  findIndex: (at, self, [callback]) => foundIndex(at, self, callback),
  filter: (at, self, [callback]) => {
    const { length, at: element } = iterate(at, self);
    const kept: Item[] = [];
    for (let i = 0; i < length; i++) {
      const index = at.r.builder.i32(i);
      const item = element(index);
      const keeps = toBool(at, at.r.call(at, callback, [item, index, self]));
      if (keeps.constant === undefined) {
        return unreadable(
          at,
          "filter",
          `How many elements \`${textOf(at)}\` keeps is known only when the program runs`,
          "Take them all, with a condition within: a.reduce((sum, x) => (x.t < t ? sum + x.amount : sum), 0), or a loop.",
        );
      }
      if (keeps.constant) kept.push(item);
    }
    return arrayOf(at, kept);
  },
  includes: (at, self, [wanted]) => quantifyBy(at, self, false, (item) => isSame(at, item, wanted ?? UNDEFINED)),
  indexOf: (at, self, [wanted]) => foundIndexBy(at, self, (item) => isEqual(at, item, wanted ?? UNDEFINED)),
  flatMap: (at, self, [callback]) => {
    const { length, at: element } = iterate(at, self);
    const indices = Array.from({ length }, (_, i) => at.r.builder.i32(i));
    return arrayOf(
      at,
      indices.flatMap((index) => {
        const made = at.r.call(at, callback, [element(index), index, self]);
        return isScalar(made) || (made.kind !== "list" && made.kind !== "array") ? [made] : elementsOf(at, made);
      }),
    );
  },
  every: (at, self, [callback]) => quantify(at, self, callback, true),
  some: (at, self, [callback]) => quantify(at, self, callback, false),
  fill: (at, self, [value, from, to]) => {
    const array = expectArray(at, self, "fill");
    const isWhole = !from && !to && array.storage.element === "Array" && sizeOf(array.shape) === array.storage.size;
    if (isWhole) array.storage.booleans = isScalar(value) && value.type === "bool";
    fillArray(at, from || to ? range(at, array, from, to) : array, elementOf(at, array.storage, value ?? UNDEFINED));
    if (isWhole) array.storage.holes = false;
    return self;
  },
  slice: (at, self, [from, to]) => {
    if (self.kind === "list")
      return {
        kind: "list",
        elements: self.elements
          .slice(...([from, to].map((item) => item && staticOf(item)) as [number?, number?]))
          .map(({ name, item }) => at.r.journal.cell(name, item)),
      };
    const part = range(at, self, from, to);
    const copy = copyOf(at, part);
    if (part.shape.length > 1) at.r.sharing.share(copy, part);
    return copy;
  },
  subarray: (at, self, [from, to]) => range(at, expectArray(at, self, "subarray"), from, to),
  set: (at, self, [source, from]) => {
    const b = at.r.builder;
    const array = expectArray(at, self, "set");
    const given = expectArray(at, source, "set");
    const start = from ? toIndex(b, toNumber(at, from)) : b.i32(0);
    const target = { ...array, offset: advance(b, array.offset, start, array.strides[0]), shape: given.shape };
    // What lies over itself is taken out first.
    copyArray(at, target, mayOverlap(target, given) ? copyOf(at, given) : given);
    return UNDEFINED;
  },
  at: (at, self, [index]) => {
    const sequence = iterate(at, self);
    const position = toNumber(at, index);
    if (position.constant === undefined) return unreadable(at, "at", "`at` needs a constant index", "Use [i].");
    const whole = Math.trunc(position.constant) || 0;
    const element = whole < 0 ? sequence.length + whole : whole;
    return element >= 0 && element < sequence.length ? sequence.at(at.r.builder.i32(element)) : UNDEFINED;
  },
  concat: (at, self, args) =>
    arrayOf(
      at,
      [self, ...args].flatMap((item) => (isScalar(item) ? [item] : elementsOf(at, item))),
    ),
  reverse: (at, self) => {
    const items = elementsOf(at, self);
    if (self.kind === "list") {
      at.r.sharing.wrote(self.elements, at);
      items.reverse().forEach((item, i) => at.r.journal.write(self.elements[i], item));
    } else if (self.shape.length > 1) putRows(at, items as ArrayItem[], (items as ArrayItem[]).toReversed());
    else
      items
        .reverse()
        .forEach((item, i) => storeFlat(at, self.storage, elementOffset(at, self, i), elementOf(at, self.storage, item)));
    return self;
  },
  entries: (at, self) => {
    // Elements are taken before the loop over them runs, which must not write them.
    const made = pairs(at, elementsOf(at, self));
    at.r.sharing.made(made.elements);
    at.r.sharing.link(made.elements, self.kind === "list" ? self.elements : self.storage);
    return made;
  },
  values: (_at, self) => self,
  keys: (at, self) =>
    arrayOf(
      at,
      elementsOf(at, self).map((_, i) => at.r.builder.i32(i)),
    ),
};

function copyOf(at: Site, array: ArrayItem): ArrayItem {
  const copy = newArray(at, array.shape, array.container, array.storage.element);
  copyArray(at, copy, array);
  return copy;
}

function pairs(at: Site, items: readonly Item[]): ListItem {
  const { journal, builder: b } = at.r;
  return journal.list(items.map((item, i) => journal.list([b.i32(i), item])));
}

function elementOffset(at: Site, array: ArrayItem, i: number): Value {
  return advance(at.r.builder, array.offset, at.r.builder.i32(i), array.strides[0]);
}

/** The part from one index up to another; its length must be known. */
function range(at: Site, array: ArrayItem, from: Item | undefined, to: Item | undefined): ArrayItem {
  const b = at.r.builder;
  const length = array.shape[0];
  const bound = (item: Item | undefined, missing: number): Value => {
    if (!item || (!isScalar(item) && item.kind === "host" && item.value === undefined)) return b.i32(missing);
    const value = toIndex(b, toNumber(at, item));
    if (value.constant === undefined) return value;
    return b.i32(value.constant < 0 ? Math.max(0, length + value.constant) : Math.min(value.constant, length));
  };
  const [start, end] = [bound(from, 0), bound(to, length)];
  const size = b.operation("i32.sub", end, start).constant ?? differenceOf(end, start);
  if (size === undefined) {
    return unreadable(
      at,
      "range",
      `The length of \`${textOf(at)}\` is not known when the function is read`,
      "Both bounds must be constants, or differ by one: subarray(i, i + n).",
    );
  }
  return {
    ...array,
    offset: advance(b, array.offset, start, array.strides[0]),
    shape: [Math.max(0, size), ...array.shape.slice(1)],
  };
}

/** end - start, where both move together. */
function differenceOf(end: Value, start: Value): number | undefined {
  const difference = combine(affine(end), affine(start), -1);
  return difference.terms.size ? undefined : difference.constant;
}
