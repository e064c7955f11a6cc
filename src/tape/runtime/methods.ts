/**
 * Methods whose arguments the engine would turn into plain numbers or booleans: what a callback decides becomes a decision
 * of the recording, indices become certain, and elements are compared by value.
 */
import { isNdArray } from "../../core/array-values.ts";
import { Traced } from "../numbers/tape.ts";
import { numberOfText } from "../numbers/text.ts";
import { gt, key, lt, same, truthy } from "./operators.ts";
import { Vector } from "./vector.ts";

type Callable = (...args: unknown[]) => unknown;

/** The arguments that the engine's own method gets. */
type Adapt = (args: readonly unknown[], receiver: unknown) => readonly unknown[];

const predicate: Adapt = ([decide, ...rest]) => [
  typeof decide === "function"
    ? function (this: unknown, ...args: unknown[]): boolean {
        return truthy((decide as Callable).apply(this, args));
      }
    : decide,
  ...rest,
];

const comparator: Adapt = ([order]) => {
  const compare = order as Callable | undefined;
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
  toSpliced: firstTwo,
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

type Instead = (list: readonly unknown[], args: readonly unknown[]) => unknown;

/** Where a search begins. */
function from({ length }: readonly unknown[], given: unknown, otherwise: number): number {
  const start = given === undefined ? otherwise : Math.trunc(Number(key(given))) || 0;
  return start < 0 ? length + start : start;
}

const isAlike = (x: unknown, y: unknown): boolean => same(x, y) || (!same(x, x) && !same(y, y));

/** What the engine does by comparing objects, or by what is a list to it. */
const instead: Readonly<Record<string, Instead>> = {
  indexOf(list, [wanted, given]) {
    const start = from(list, given, 0);
    return list.findIndex((x, i) => i >= start && i in list && same(x, wanted));
  },
  lastIndexOf(list, [wanted, ...given]) {
    const start = from(list, given[0], given.length ? 0 : list.length - 1);
    return list.findLastIndex((x, i) => i <= start && i in list && same(x, wanted));
  },
  includes(list, [wanted, given]) {
    const start = from(list, given, 0);
    return list.findIndex((x, i) => i >= start && isAlike(x, wanted)) >= 0;
  },
  flat: (list, [depth = 1]) => flattened(list, key(depth) as number),
  flatMap: (list, [change, self]) =>
    flattened(
      list.map((x, i) => (change as Callable).call(self, x, i, list)),
      1,
    ),
};

/** Typed arrays stay as they are. */
function flattened(list: readonly unknown[], depth: number): unknown[] {
  const result: unknown[] = [];
  list.forEach((x) => {
    if (depth >= 1 && Array.isArray(x) && !(x instanceof Vector)) result.push(...flattened(x, depth - 1));
    else result.push(x);
  });
  return result;
}

/** Of text: codes of digits are numbers made of text. */
const codesOfText: ReadonlySet<string> = new Set(["charCodeAt", "codePointAt"]);
const ofFunctions: ReadonlySet<string> = new Set(["call", "apply", "bind"]);

export const watchedMethods: ReadonlySet<string> = new Set([
  ...[ofLists, ofNdArrays, instead].flatMap((table) => Object.keys(table)),
  ...codesOfText,
  ...ofFunctions,
]);

/** receiver[name](...args) */
export function call(receiver: unknown, name: unknown, args: readonly unknown[]): unknown {
  const method = key(name) as string;
  const target = receiver as Record<string, Callable>;
  if (typeof receiver === "function" && ofFunctions.has(method)) return callNative(receiver as Callable, method, args);
  if (typeof receiver === "string" && codesOfText.has(method)) return numberOfText(target[method](...args.map(key)) as number);
  const isList = Array.isArray(receiver);
  if (isList && Object.hasOwn(instead, method)) return instead[method](receiver, args);
  const table = isList ? ofLists : isNdArray(receiver) ? ofNdArrays : undefined;
  const adapt = table && Object.hasOwn(table, method) ? table[method] : undefined;
  return target[method](...(adapt ? adapt(args, receiver) : args));
}

/** The engine's methods of lists, of typed arrays and of numbers, by themselves: `Array.prototype.map.call(list, change)`. */
const natives: ReadonlyMap<unknown, string> = new Map(
  [Array.prototype, Object.getPrototypeOf(Float64Array.prototype) as object, Float64Array.prototype, Number.prototype].flatMap(
    (prototype) =>
      Object.entries(Object.getOwnPropertyDescriptors(prototype)).flatMap(([name, { value }]) =>
        typeof value === "function" && name !== "constructor" ? [[value as unknown, name] as const] : [],
      ),
  ),
);

function callNative(fn: Callable, how: string, args: readonly unknown[]): unknown {
  const method = natives.get(fn);
  const [self, ...rest] = args;
  if (method === undefined || (how !== "bind" && !(Array.isArray(self) || self instanceof Traced)))
    return (fn as unknown as Record<string, Callable>)[how](...args);
  if (how === "bind") return (...more: unknown[]) => call(self, method, [...rest, ...more]);
  return call(self, method, how === "call" ? rest : Array.from((rest[0] ?? []) as ArrayLike<unknown>));
}
