/** Reads calls of the methods of ndarrays: views are resolved here, so a program only ever sees flat arrays. */
import { rowMajor } from "../../arrays/shape.ts";
import { advance } from "../../operations/view.ts";
import { elementAt, partAt, storeFlat } from "../values/arrays.ts";
import { isScalar, type ArrayItem, type Item } from "../state/items.ts";
import { toIndex, toNumber } from "../state/numbers.ts";
import { textOf, unreadable, type Site } from "../state/site.ts";
import { staticOf } from "../values/static.ts";
import type { Value } from "../../ir/ir.ts";

type Method = (at: Site, array: ArrayItem, args: readonly Item[]) => Item;

export const ndarrayMethods: Readonly<Record<string, Method>> = {
  get: (at, array, args) => elementAt(at, array, indices(at, array, args)),
  set: (at, array, args) => {
    const value = toNumber(at, args[args.length - 1]);
    const part = partAt(at, array, indices(at, array, args.slice(0, -1)));
    storeFlat(at, part.storage, part.offset, value);
    return value;
  },
  index: (at, array, args) => partAt(at, array, indices(at, array, args)).offset,
  /** Fixes the axes whose index is given; `null` or a negative one keeps an axis. */
  pick: (at, array, args) => {
    const b = at.r.builder;
    const fixed = array.shape.map((_, axis) =>
      axis < args.length && isFixed(args[axis]) ? toIndex(b, toNumber(at, args[axis])) : undefined,
    );
    const kept = fixed.flatMap((index, axis) => (index ? [] : [axis]));
    const offset = fixed.reduce<Value>(
      (sum, index, axis) => (index ? advance(b, sum, index, array.strides[axis]) : sum),
      array.offset,
    );
    return { ...array, offset, shape: kept.map((axis) => array.shape[axis]), strides: kept.map((axis) => array.strides[axis]) };
  },
  lo: (at, array, args) => {
    const b = at.r.builder;
    const from = integers(at, args, 0);
    const offset = array.strides.reduce((sum, stride, axis) => advance(b, sum, b.i32(from[axis] ?? 0), stride), array.offset);
    return { ...array, offset, shape: array.shape.map((extent, axis) => extent - (from[axis] ?? 0)) };
  },
  hi: (at, array, args) => {
    const to = integers(at, args, -1);
    return { ...array, shape: array.shape.map((extent, axis) => (axis < to.length && to[axis] >= 0 ? to[axis] : extent)) };
  },
  transpose: (at, array, args) => {
    const axes = args.length ? integers(at, args, 0) : array.shape.map((_, axis) => axis);
    return { ...array, shape: axes.map((axis) => array.shape[axis]), strides: axes.map((axis) => array.strides[axis]) };
  },
  step: (at, array, args) => {
    const b = at.r.builder;
    const steps = integers(at, args, 1);
    const stepOf = (axis: number): number => steps[axis] ?? 1;
    const offset = array.shape.reduce(
      (sum, extent, axis) => (stepOf(axis) < 0 ? advance(b, sum, b.i32(extent - 1), array.strides[axis]) : sum),
      array.offset,
    );
    return {
      ...array,
      offset,
      shape: array.shape.map((extent, axis) => Math.ceil(extent / Math.abs(stepOf(axis)))),
      strides: array.strides.map((stride, axis) => stride * stepOf(axis)),
    };
  },
};

/** ndarray(data, shape?, stride?, offset?) */
export function ndarrayOver(at: Site, args: readonly Item[]): Item {
  const [data, ...options] = args;
  if (!data || isScalar(data) || data.kind !== "array" || data.strides[0] !== 1) {
    return unreadable(
      at,
      "ndarray",
      `\`${textOf(at)}\` needs a typed array or an array of numbers`,
      "ndarray(new Float64Array(n * m), [n, m])",
    );
  }
  const b = at.r.builder;
  const shape = (options[0] && (staticOf(options[0]) as number[] | undefined)) ?? [...data.shape];
  const strides = (options[1] && (staticOf(options[1]) as number[] | undefined)) ?? rowMajor(shape);
  const offset = options[2] ? b.operation("i32.add", data.offset, toIndex(b, toNumber(at, options[2]))) : data.offset;
  return { ...data, shape, strides, offset, container: "ndarray" };
}

function indices(at: Site, array: ArrayItem, args: readonly Item[]): ReturnType<typeof toNumber>[] {
  if (args.length !== array.shape.length) {
    unreadable(
      at,
      "index",
      `\`${textOf(at)}\` gives ${args.length} indices to \`${array.storage.name}\` of shape [${array.shape.join(", ")}]`,
      "Give one index for each axis.",
    );
  }
  return args.map((arg) => toNumber(at, arg));
}

function isFixed(item: Item): boolean {
  if (!isScalar(item)) return false;
  return item.constant === undefined || item.constant >= 0;
}

/** Arguments known when the function is read; `null` and what is left out stand for `missing`. */
function integers(at: Site, args: readonly Item[], missing: number): number[] {
  return args.map((arg) => {
    const value = staticOf(arg);
    if (typeof value === "number") return value;
    if (value === null || (!isScalar(arg) && arg.kind === "host")) return missing;
    return unreadable(
      at,
      "view",
      `The bounds of \`${textOf(at)}\` are not known when the function is read`,
      "Bounds of views must be constants; use get and set with computed indices.",
    );
  });
}
