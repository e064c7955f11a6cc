/**
 * How far integers get that are counted on from one iteration to the next of loops, where intervals do not tell: what they start as, and the sum
 * of their steps. Within 32 bits they stay integers.
 */
import { memo } from "../../core/memo.ts";
import { MOST_OPERATIONS } from "../../ir/budget.ts";
import type { Value } from "../../ir/ir.ts";

/** At most `sum`, with `rate` for each iteration of loops that may run as often as their budget of operations lets them. */
interface Distance {
  readonly sum: number;
  readonly rate: number;
}

/** A number whose absolute value is at most `absolute`; or at most that of a root and a distance. */
export interface Reach {
  readonly absolute: Distance;
  readonly roots: ReadonlyMap<Value, Distance>;
}

/** The most iterations of loops that may not end: each takes three operations or more. */
const MOST_ITERATIONS = MOST_OPERATIONS / 3;
/** A loop with more iterations has such a budget. */
const MANY_ITERATIONS = 2 ** 24;
/** The largest root, and the largest distance from it. */
const FARTHEST = 2 ** 30 - 64;

const NOWHERE: Distance = { sum: 0, rate: 0 };

const noted = new WeakMap<Value, Reach>();
const joined = new WeakMap<Value, readonly [Value, Value]>();

/** What paths leave is one of two. */
export function noteJoin(value: Value, a: Value, b: Value): void {
  if (value.type === "i32" && !value.definition) joined.set(value, [a, b]);
}

export function sidesOfJoin(value: Value): readonly [Value, Value] | undefined {
  return joined.get(value);
}

/** An integer that is counted on in the iteration that is read. */
export function noteRoot(value: Value): void {
  noted.set(value, { absolute: NOWHERE, roots: new Map([[value, NOWHERE]]) });
}

/** Undefined: it may be any integer. */
export function reachOf(x: Value): Reach | undefined {
  const far = Math.max(Math.abs(x.min), Math.abs(x.max));
  if (far <= FARTHEST) return { absolute: { sum: far, rate: 0 }, roots: new Map() };
  if (!joined.has(x) && x.definition?.kind !== "let") return noted.get(x);
  return computed(x);
}

/** The reach of what is computed. */
const computed = memo((x: Value): Reach | undefined => {
  const sides = joined.get(x);
  if (sides) return union(sides.map(reachOf));
  if (x.definition?.kind !== "let") return undefined;
  const { operation, args } = x.definition;
  if (operation === "i32.select") return union(args.slice(1).map(reachOf));
  const isStep = (operation === "i32.add" || operation === "i32.sub") && args[1].constant !== undefined;
  const from = isStep ? reachOf(args[0]) : undefined;
  return from && moved(from, { sum: Math.abs(args[1].constant!), rate: 0 });
});

/** After the iterations of a loop. */
export interface Course {
  /** What each counter is in the iteration, starts as, and becomes. */
  readonly counters: readonly { readonly phi: Value; readonly first: Value; readonly next: Value }[];
  /** How many iterations there are at most, where that is known. */
  readonly maxTripCount: number | undefined;
}

/** Where counters may be, in any iteration and after the loop; undefined where some leave 32 bits. */
export function reachAfter({ counters, maxTripCount }: Course): Reach | undefined {
  const phis = new Set(counters.map(({ phi }) => phi));
  const starts = counters.map(({ first }) => reachOf(first));
  const ends = counters.map(({ next }) => reachOf(next));
  const all = union([...starts, ...ends]);
  if (!all) return undefined;
  const steps = [...all.roots].filter(([root]) => phis.has(root)).map(([, distance]) => distance);
  const outer = new Map([...all.roots].filter(([root]) => !phis.has(root)));
  const reach = moved({ absolute: all.absolute, roots: outer }, over(steps.reduce(farther, NOWHERE), maxTripCount));
  return isNear(reach) ? reach : undefined;
}

/** Does an integer stay within 32 bits when a small step is added? */
export function isCounter(x: Value): boolean {
  const reach = x.constant === undefined ? reachOf(x) : undefined;
  return reach !== undefined && isNear(reach);
}

function isNear({ absolute, roots }: Reach): boolean {
  return [absolute, ...roots.values()].every(({ sum, rate }) => sum + rate * MOST_ITERATIONS <= FARTHEST);
}

/** The index of a loop that counts. */
export function noteIndex(index: Value, from: Value, step: number, maxTripCount: number | undefined): void {
  const reach = reachOf(from);
  if (reach) noted.set(index, moved(reach, over({ sum: Math.abs(step), rate: 0 }, maxTripCount)));
}

export function noteReach(value: Value, reach: Reach): void {
  noted.set(value, reach);
}

/** Does a counter move? */
export function isMoving(next: Value, phi: Value): boolean {
  const { sum, rate } = reachOf(next)?.roots.get(phi) ?? NOWHERE;
  return sum + rate > 0;
}

function over({ sum, rate }: Distance, maxTripCount = Infinity): Distance {
  return maxTripCount <= MANY_ITERATIONS ? { sum: maxTripCount * sum, rate: maxTripCount * rate } : { sum: 0, rate: sum + rate };
}

function farther(a: Distance, b: Distance): Distance {
  return { sum: Math.max(a.sum, b.sum), rate: Math.max(a.rate, b.rate) };
}

function plus(a: Distance, b: Distance): Distance {
  return { sum: a.sum + b.sum, rate: a.rate + b.rate };
}

function moved({ absolute, roots }: Reach, by: Distance): Reach {
  return { absolute: plus(absolute, by), roots: new Map([...roots].map(([root, distance]) => [root, plus(distance, by)])) };
}

function union(reaches: readonly (Reach | undefined)[]): Reach | undefined {
  const roots = new Map<Value, Distance>();
  let absolute = NOWHERE;
  for (const reach of reaches) {
    if (!reach) return undefined;
    absolute = farther(absolute, reach.absolute);
    for (const [root, distance] of reach.roots) roots.set(root, farther(roots.get(root) ?? NOWHERE, distance));
  }
  return { absolute, roots };
}
