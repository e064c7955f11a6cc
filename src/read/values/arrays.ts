/** Makes, reads, writes and copies arrays of numbers. */
import { rowMajor, sameShape, sizeOf } from "../../arrays/shape.ts";
import { advance, copy, indexOf, nest, type View } from "../../operations/view.ts";
import type { Builder } from "../../ir/builder.ts";
import type { Value } from "../../ir/ir.ts";
import { elementKinds, type ElementName } from "../state/elements.ts";
import { describe, isScalar, type ArrayItem, type Item } from "../state/items.ts";
import { normalised, toBool, toElementIndex, toNumber } from "../state/numbers.ts";
import { textOf, unreadable, type Site } from "../state/site.ts";
import { checkIndex, FoundOut, Storage } from "../state/storage.ts";

export function newArray(
  at: Site,
  shape: readonly number[],
  container: ArrayItem["container"],
  element: ElementName = "Float64Array",
  name = "array",
  literal?: readonly number[],
): ArrayItem {
  const b = at.r.builder;
  const size = sizeOf(shape);
  const array = b.localArray(name, size, elementKinds[element].type);
  const storage = new Storage(name, "local", size, element, array, undefined, literal);
  storage.madeBy = at.node;
  storage.mayHoldUndefined = at.r.found.has(at.node);
  at.r.sharing.made(storage);
  return { kind: "array", storage, offset: b.i32(0), shape, strides: rowMajor(shape), container };
}

/** The element, or the part, at the leading indices. */
export function elementAt(at: Site, array: ArrayItem, indices: readonly Value[]): Item {
  const part = partAt(at, array, indices);
  return part.shape.length === 0 ? loadFlat(at, array.storage, part.offset) : part;
}

export function partAt(at: Site, array: ArrayItem, indices: readonly Value[]): ArrayItem {
  const b = at.r.builder;
  noteUse(at, array);
  const integers = indices.map((index, axis) => {
    const integer = toElementIndex(b, index);
    const mayGrow = array.container === "array" && array.storage.role === "local";
    checkIndex(at, integer, index, array.shape[axis], array.storage.name, mayGrow);
    const isWhole = array.shape.length === 1 && array.shape[0] === array.storage.size;
    return isWhole || array.container === "ndarray"
      ? array.storage.confined(b, integer, array.shape[axis], array.storage.size)
      : array.storage.confined(b, integer, array.shape[axis], 0);
  });
  const offset = integers.reduce((sum, index, axis) => advance(b, sum, index, array.strides[axis]), array.offset);
  const shape = array.shape.slice(indices.length);
  const taken = array.taken ?? (shape.length > 0 && array.container !== "ndarray" ? at.r.sharing.moment() : undefined);
  return { ...array, offset, shape, strides: array.strides.slice(indices.length), taken };
}

function noteUse({ r, ...site }: Site, { storage, taken }: ArrayItem): void {
  if (taken) r.sharing.used(storage, taken, { r, ...site });
}

/** An array of undefined. */
export function arrayOfHoles(at: Site, size: number): ArrayItem {
  const array = newArray(at, [size], "array", "Array");
  at.r.builder.fill(array.storage.initialised(), at.r.builder.f64(NaN));
  array.storage.holes = true;
  at.r.holes.push(array.storage);
  return array;
}

export function loadFlat(at: Site, storage: Storage, index: Value): Value {
  const b = at.r.builder;
  const array = storage.readable(at, index);
  const isStored = b.available(array, index) !== undefined;
  const loaded = b.load(array, index);
  const isInside = index.min >= 0 && index.max < array.size;
  // What is read outside is undefined, which no integer stands for.
  const value =
    isInside || loaded.type === "f64"
      ? loaded
      : b.operation("select", isWithin(b, index, array.size), b.toF64(loaded), b.f64(NaN));
  const item = storage.booleans ? toBool(at, value) : normalised(b, value);
  if ((storage.holes || storage.mayHoldUndefined) && !isStored) at.r.kinds.noteUndefined(item);
  else if (!isInside) at.r.kinds.noteUndefined(item, isWithin(b, index, array.size));
  return item;
}

/** Is an index one of an array of this size? */
export function isWithin(b: Builder, index: Value, size: number): Value {
  return b.operation("bool.and", b.operation("i32.ge", index, b.i32(0)), b.operation("i32.lt", index, b.i32(size)));
}

/** What an element of an array is when it holds this item. Plain arrays hold numbers, or booleans, and not both. */
export function elementOf(at: Site, storage: Storage, item: Item): Value {
  const value = toNumber(at, item);
  if (storage.element !== "Array") return value;
  const isBoolean = isScalar(item) && item.type === "bool";
  if (isBoolean && storage.holes && !storage.isWritten) storage.booleans = true;
  if (isBoolean !== storage.booleans) return mixed(at, storage, isBoolean ? "a boolean" : "a number");
  if (!isScalar(item) && (item.kind !== "maybe" || item.absent.value === null)) return mixed(at, storage, describe(item));
  if (at.r.kinds.mayBeUndefined(value) && !storage.holes) requireLoose(at, storage);
  return value;
}

/** Starts the reading again, unless it is known that an array may hold undefined. */
function requireLoose(at: Site, storage: Storage): void {
  if (storage.mayHoldUndefined) return;
  if (storage.madeBy) throw new FoundOut(storage.madeBy);
  mixed(at, storage, "undefined");
}

function mixed(at: Site, { booleans, name }: Storage, what: string): never {
  return unreadable(
    at,
    "array",
    `\`${name}\` holds ${booleans ? "booleans" : "numbers"}, and \`${textOf(at)}\` would put ${what} beside them`,
    "Let an array hold numbers, or booleans, alone: NaN can stand for what is missing; a typed array makes numbers of all.",
  );
}

export function storeFlat(at: Site, storage: Storage, index: Value, value: Value): void {
  const b = at.r.builder;
  b.store(storage.writable(at, index), index, elementKinds[storage.element].keep(b, value));
}

/** element += value, which is made after the element is read. Where the present content is not at hand, it need not be read. */
export function accumulateFlat(at: Site, storage: Storage, index: Value, make: () => Value): void {
  if (storage.booleans) return mixed(at, storage, "a number");
  const b = at.r.builder;
  const plain = storage.element === "Float64Array" || storage.element === "Array";
  const array = storage.readable(at, index);
  const stored = b.available(array, index);
  const before = stored ?? b.load(array, index);
  const value = make();
  const isStill = b.available(array, index) === before;
  const writable = storage.writable(at, index);
  if (plain && !stored && isStill) b.accumulate(writable, index, b.toF64(value));
  else storeFlat(at, storage, index, b.operation("add", b.toF64(before), b.toF64(value)));
}

export function readView(at: Site, array: ArrayItem): View {
  noteUse(at, array);
  return { ...array, array: array.storage.readable(at) };
}

export function writeView(at: Site, array: ArrayItem): View {
  noteUse(at, array);
  return { ...array, array: array.storage.writable(at) };
}

/** Stores all elements of one array into another of the same shape (or, of vectors and ndarrays, the same size). */
export function copyArray(at: Site, to: ArrayItem, from: ArrayItem): void {
  if (to.storage === from.storage && to.offset === from.offset) return;
  if (!sameShape(to.shape, from.shape)) {
    unreadable(
      at,
      "shape",
      `An array of shape [${from.shape.join(", ")}] is assigned to \`${to.storage.name}\` of shape [${to.shape.join(", ")}]`,
      "Shapes are fixed when the problem is built; both must be equal.",
    );
  }
  const b = at.r.builder;
  const source = readView(at, from);
  const target = writeView(at, to);
  if (to.storage.element === "Array") {
    to.storage.holes ||= from.storage.holes;
    if (from.storage.mayHoldUndefined && !to.storage.holes) requireLoose(at, to.storage);
    to.storage.booleans ||= from.storage.booleans;
  }
  const kind = elementKinds[to.storage.element];
  if (sizeOf(to.shape) > SMALL && kind.type === "f64") return copy(b, source, target);
  const shape = to.shape;
  // What a hole is copied as must not become known: it would count as stored.
  if (sizeOf(shape) <= SMALL && !from.storage.holes) {
    // All are read before any is written: both may lie in one array.
    const values = flatIndices(shape).map((indices) =>
      b.load(
        source.array,
        indexOf(
          b,
          source,
          indices.map((i) => b.i32(i)),
        ),
      ),
    );
    flatIndices(shape).forEach((indices, n) =>
      b.store(
        target.array,
        indexOf(
          b,
          target,
          indices.map((i) => b.i32(i)),
        ),
        kind.keep(b, values[n]),
      ),
    );
    return;
  }
  nest(b, shape, [source, target], [], ([i, o]) => {
    b.store(target.array, o, kind.keep(b, b.load(source.array, i)));
    return [];
  });
}

/** A copy that stands for what JavaScript has once: both must stay the same. */
export function copyShared(at: Site, to: ArrayItem, from: ArrayItem, row?: number): void {
  at.r.sharing.copying(() => copyArray(at, to, from));
  at.r.sharing.share(to, from, row);
}

/** Up to this many elements are copied without a loop, so that they stay known values. */
const SMALL = 8;

function flatIndices(shape: readonly number[]): number[][] {
  return shape.reduce<number[][]>(
    (prefixes, extent) => prefixes.flatMap((prefix) => Array.from({ length: extent }, (_, i) => [...prefix, i])),
    [[]],
  );
}

export function fillArray(at: Site, array: ArrayItem, value: Value): void {
  const b = at.r.builder;
  const whole = sizeOf(array.shape) === array.storage.size && array.storage.role === "local";
  const target = writeView(at, array);
  const kept = elementKinds[array.storage.element].keep(b, value);
  if (whole) return b.fill(target.array, kept);
  nest(b, array.shape, [target], [], ([o]) => {
    b.store(target.array, o, kept);
    return [];
  });
}

export function expectArray(at: Site, item: Item, what: string): ArrayItem {
  if ("kind" in item && item.kind === "array") return item;
  return unreadable(at, what, `\`${textOf(at)}\` needs an array of numbers`, "Pass a number array, typed array or ndarray.");
}

/** Exchanges rows: each is what it was, at another index. */
export function putRows(at: Site, targets: readonly ArrayItem[], rows: readonly ArrayItem[]): void {
  const { sharing } = at.r;
  sharing.copying(() => {
    const copies = rows.map((row) => {
      const copy = newArray(at, row.shape, row.container, row.storage.element);
      copyArray(at, copy, row);
      return copy;
    });
    targets.forEach((target, i) => copyArray(at, target, copies[i]));
  });
  targets.forEach(({ storage }) => sharing.replacedRow(storage, at));
}

/** May two arrays have elements in common? */
export function mayOverlap(a: ArrayItem, b: ArrayItem): boolean {
  if (a.storage !== b.storage) return false;
  const [x, y] = [a.offset.constant, b.offset.constant];
  if (x === undefined || y === undefined || !sameShape(a.strides, b.strides)) return true;
  const dense = a.strides.at(-1) === 1 && a.strides.every((stride, k) => stride === sizeOf(a.shape.slice(k + 1)));
  return !dense || Math.abs(x - y) < Math.max(sizeOf(a.shape), sizeOf(b.shape));
}
