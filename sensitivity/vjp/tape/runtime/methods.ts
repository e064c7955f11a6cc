/**
 * Methods whose arguments the engine would turn into plain numbers or booleans: what a callback decides becomes a decision
 * of the recording, indices become certain, and elements are compared by value.
 */
import { isNdArray } from "../../../../src/arrays/values.ts";
import { Traced } from "../tape.ts";
import { gt, key, lt, same, sub, truthy } from "./operators.ts";
import { Vector } from "./vector.ts";

type Callable = (...args: unknown[]) => unknown;

/** The arguments that the engine's own method gets. */
type Adapt = (args: readonly unknown[], receiver: unknown) => readonly unknown[];

const predicate: Adapt = ([decide, ...rest]) => [
  typeof decide === "function" ? (...args: unknown[]) => truthy((decide as Callable)(...args)) : decide,
  ...rest,
];

const comparator: Adapt = ([order], receiver) => {
  const compare = (order ?? (receiver instanceof Vector ? sub : undefined)) as Callable | undefined;
  return compare ? [(x: unknown, y: unknown) => sign(compare(x, y))] : [];
};

function sign(x: unknown): unknown {
  if (!(x instanceof Traced)) return x;
  return gt(x, 0) ? 1 : lt(x, 0) ? -1 : 0;
}

// Elements of grids are mostly asked for by plain indices, time and again: then nothing is copied.
const indices: Adapt = (args) => (isTracedBefore(args, args.length) ? args.map(key) : args);
const afterFirst: Adapt = ([value, ...rest]) => [value, ...rest.map(key)];
const beforeLast: Adapt = (args) => (isTracedBefore(args, args.length - 1) ? [...args.slice(0, -1).map(key), args.at(-1)] : args);
const firstTwo: Adapt = ([start, count, ...rest]) => [key(start), key(count), ...rest].slice(0, rest.length + 2);

/** Lists and vectors. */
const ofLists: Readonly<Record<string, Adapt>> = {
  filter: predicate,
  some: predicate,
  every: predicate,
  find: predicate,
  findIndex: predicate,
  findLast: predicate,
  findLastIndex: predicate,
  sort: comparator,
  toSorted: comparator,
  at: indices,
  slice: indices,
  subarray: indices,
  copyWithin: indices,
  with: beforeLast,
  fill: afterFirst,
  set: afterFirst,
  splice: firstTwo,
};

const ofNdArrays: Readonly<Record<string, Adapt>> = {
  get: indices,
  index: indices,
  pick: indices,
  lo: indices,
  hi: indices,
  step: indices,
  transpose: indices,
  set: beforeLast,
};

function isTracedBefore(args: readonly unknown[], end: number): boolean {
  for (let i = 0; i < end; i++) if (args[i] instanceof Traced) return true;
  return false;
}

type Search = (list: readonly unknown[], wanted: unknown, from: number) => unknown;

/** By value; the engine would compare objects. */
const searches: Readonly<Record<string, Search>> = {
  indexOf: (list, wanted, from) => list.findIndex((x, i) => i >= from && same(x, wanted)),
  lastIndexOf: (list, wanted) => list.findLastIndex((x) => same(x, wanted)),
  includes: (list, wanted, from) => list.some((x, i) => i >= from && (same(x, wanted) || (!same(x, x) && !same(wanted, wanted)))),
};

export const watchedMethods: ReadonlySet<string> = new Set(
  [ofLists, ofNdArrays, searches].flatMap((table) => Object.keys(table)),
);

/** receiver[name](...args) */
export function call(receiver: unknown, name: unknown, args: readonly unknown[]): unknown {
  const method = key(name) as string;
  const target = receiver as Record<string, Callable>;
  const isList = Array.isArray(receiver);
  if (isList && Object.hasOwn(searches, method))
    return searches[method](receiver, args[0], (key(args[1]) as number | undefined) ?? 0);
  const table = isList ? ofLists : isNdArray(receiver) ? ofNdArrays : undefined;
  const adapt = table && Object.hasOwn(table, method) ? table[method] : undefined;
  return target[method](...(adapt ? adapt(args, receiver) : args));
}
