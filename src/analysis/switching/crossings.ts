/**
 * The times at which a program takes another course, as far as constants and parameters tell: every comparison says when it will
 * switch, and from the first time that other decisions depend on, the program is looked at again.
 */
import { TooManySwitches } from "../../core/errors.ts";
import type { Let } from "../../ir/ir.ts";
import { placeOf } from "../../core/source-location.ts";
import { dipOf } from "../../core/dips.ts";
import type { Sample } from "../../core/root.ts";
import { Moment, noiseOf, type Watch } from "./moment.ts";
import type { Slice } from "./slice.ts";
import { slopesAt, valueAt, type Term } from "./term.ts";

export interface Crossing {
  readonly t: number;
  readonly decision: Let;
  /** How t moves with parameters; those that do not move it are left out. */
  readonly slopes: () => ReadonlyMap<number, number>;
}

/** Relative: times closer than this are one. */
const CLOSE = 2 ** -50;
/** And relative to the span. */
const LEAST = 2 ** -70;
/** At most. */
const MOST = 20_000;
/** Crossings of what is curved in time are looked for at so many times of the span; of more than so many, some would be missed. */
const SAMPLES = 1000;
const MOST_CURVED = 400;
/** What turns back more often than so between the samples may do so between them, too, and switch there. */
const MOST_TURNS = SAMPLES / 5;
/** Of the range of the samples: what none of them is nearer to zero than never switches; and what is no more is level. */
const FAR = 1 / 4;
const LEVEL = 2 ** -20;
/** A crossing is where the slope says within this, relative; otherwise it is not found. */
const FARTHEST = 1e-6;

export interface Found {
  /** In the order of the span; those at one time one after the other. */
  readonly crossings: readonly Crossing[];
  /** Decisions that switch with what is curved in time, too often to find their times. */
  readonly unresolved: ReadonlySet<Let>;
}

/** Throws TooManySwitches. */
export function findCrossings(slice: Slice, p: Float64Array, span: readonly [number, number]): Found {
  const unresolved = new Set<Let>();
  for (;;) {
    const result = crossings(slice, p, span, unresolved);
    if (Array.isArray(result)) return { crossings: result, unresolved };
    unresolved.add(result);
  }
}

/** Or the decision that switches too often. */
function crossings(
  slice: Slice,
  p: Float64Array,
  [t0, t1]: readonly [number, number],
  unresolved: ReadonlySet<Let>,
): Crossing[] | Let {
  const direction = t1 < t0 ? -1 : 1;
  const closeTo = (t: number): number => Math.max(CLOSE * Math.max(Math.abs(t0), Math.abs(t)), LEAST * Math.abs(t1 - t0));
  const found: Crossing[] = [];
  const curved = new Map<Let, number>();
  const looked = new Set<Let>();
  const add = (t: number, { decision, term }: Watch): void => {
    let moved: ReadonlyMap<number, number> | undefined;
    found.push({ t, decision, slopes: () => (moved ??= movedBy(term, t)) });
    if (found.length > MOST) throw new TooManySwitches(placeOf(decision.source, slice.program.name), MOST, t, [t0, t1]);
  };
  for (let now = t0; ;) {
    const moment = new Moment(slice, p, now, direction, closeTo(now));
    const watches = moment.watches.filter(({ decision, term }) => term.affine || !unresolved.has(decision));
    if (now === t0) found.push(...atStart(moment, watches, t0, closeTo(t0)));
    for (const { decision, term, steps } of watches) {
      if (term.affine || steps || looked.has(decision)) continue;
      looked.add(decision);
      if (turnsTooOften(term, t0, (t1 - t0) / SAMPLES)) return decision;
    }
    const search = { now, direction, closeTo, sample: Math.abs(t1 - t0) / SAMPLES };
    const leading = watches.filter(({ decision, term }) => !slice.isLast(decision) || !term.affine);
    let next = Infinity;
    const firsts = leading.map((watch) => {
      const limit = next === Infinity ? t1 : next;
      const [first = Infinity] = crossingTimes(watch, { ...search, limit });
      if (first !== Infinity && (next === Infinity || direction * (first - next) < 0)) next = first;
      return first;
    });
    const isLast = next === Infinity;
    const limit = isLast ? t1 : next;
    for (const [k, watch] of leading.entries()) {
      if (isLast || Math.abs(firsts[k] - next) > closeTo(next)) continue;
      add(firsts[k], watch);
      if (watch.term.affine) continue;
      const count = (curved.get(watch.decision) ?? 0) + 1;
      if (count > MOST_CURVED) return watch.decision;
      curved.set(watch.decision, count);
    }
    for (const watch of watches)
      if (!leading.includes(watch)) for (const t of crossingTimes(watch, { ...search, limit })) add(t, watch);
    if (isLast || direction * (t1 - next) <= closeTo(t1)) break;
    now = next;
  }
  return found.sort((a, b) => direction * (a.t - b.t));
}

interface Search {
  readonly now: number;
  readonly direction: number;
  /** The search ends there, itself included. */
  readonly limit: number;
  readonly closeTo: (t: number) => number;
  readonly sample: number;
}

/** When a decision switches, in order; of what is curved the first time only. */
function* crossingTimes({ term, steps }: Watch, search: Search): Generator<number> {
  const { now, direction, limit, closeTo } = search;
  const isWithin = (t: number): boolean => direction * (limit - t) >= -closeTo(limit);
  const isNear = Math.abs(term.value - (steps ? Math.round(term.value) : 0)) <= noiseOf(term, closeTo(now));
  if (!term.affine) {
    const first = firstCrossing(term, steps, search);
    if (first !== undefined) yield first;
    return;
  }
  if (!steps) {
    if (isNear) return;
    const t = refined(term, 0, now - term.value / term.slope, search);
    if (direction * (t - now) > 0 && isWithin(t)) yield t;
    return;
  }
  const towards = Math.sign(direction * term.slope);
  let level = isNear ? Math.round(term.value) + towards : towards > 0 ? Math.ceil(term.value) : Math.floor(term.value);
  for (; ; level += towards) {
    const t = refined(term, level, now + (level - term.value) / term.slope, search);
    if (!isWithin(t)) return;
    yield t;
  }
}

/** Where the numbers themselves, as they are computed, cross. */
function refined(term: Term, level: number, guess: number, { closeTo }: Search): number {
  const isAbove = (t: number): boolean => valueAt(term, t) >= level;
  for (let width = closeTo(guess); width <= Math.max(FARTHEST * Math.abs(guess), closeTo(guess)); width *= 32) {
    if (isAbove(guess - width) !== isAbove(guess + width))
      return width === closeTo(guess) ? guess : bisected(isAbove, guess - width, guess + width, closeTo(guess));
  }
  return guess;
}

function firstCrossing(term: Term, steps: boolean, { now, direction, limit, closeTo, sample }: Search): number | undefined {
  const outcomeOf = (value: number): number => (steps ? Math.floor(value) : Math.sign(value));
  const sampleAt = (t: number): Sample => ({ t, value: valueAt(term, t) });
  let from = sampleAt(now + direction * Math.max(2 * closeTo(now), 1e-6 * sample));
  let earlier = from;
  const before = outcomeOf(from.value);
  const isOther = (t: number): boolean => outcomeOf(valueAt(term, t)) !== before;
  while (direction * (limit - from.t) > 0) {
    const to = sampleAt(direction * (limit - from.t) > sample ? from.t + direction * sample : limit);
    const dip = steps || earlier === from ? undefined : dipOf(earlier, from, to, (t) => valueAt(term, t));
    if (dip) return bisected(isOther, (dip.t - from.t) * direction > 0 ? from.t : earlier.t, dip.t, closeTo(dip.t));
    if (outcomeOf(to.value) !== before) return bisected(isOther, from.t, to.t, closeTo(to.t));
    [earlier, from] = [from, to];
  }
  return undefined;
}

/**
 * Does a term turn back so often that samples do not show all of it, and come near zero? Of one that stays far from it, what lies between samples
 * does, too.
 */
function turnsTooOften(term: Term, from: number, step: number): boolean {
  const values = Array.from({ length: SAMPLES + 1 }, (_, k) => valueAt(term, from + k * step));
  const [least, most] = values.reduce(
    ([low, high], value) => [Math.min(low, value), Math.max(high, value)],
    [Infinity, -Infinity],
  );
  const range = most - least;
  const isFar = Math.max(least, -most) > range * FAR;
  if (isFar) return false;
  const rises = values.slice(1).map((value, k) => value - values[k]).filter((rise) => Math.abs(rise) > LEVEL * range); // prettier-ignore
  const turns = rises.filter((rise, k) => k > 0 && rise * rises[k - 1] < 0).length;
  return turns > MOST_TURNS;
}

/** The outcome differs at the two times. */
function bisected(outcome: (t: number) => boolean, from: number, to: number, close: number): number {
  const first = outcome(from);
  let [low, high] = [from, to];
  while (Math.abs(high - low) > close) {
    const middle = low + (high - low) / 2;
    if (middle === low || middle === high) break;
    if (outcome(middle) === first) low = middle;
    else high = middle;
  }
  return high;
}

/** By the implicit function theorem: dt/dp = -(∂g/∂p) / (∂g/∂t) where g crosses. */
/** Decisions that switch at the start itself, and comparisons that are equal there at these parameters. */
function atStart({ turning }: Moment, watches: readonly Watch[], t0: number, close: number): Crossing[] {
  const isOnIt = ({ decision, term, steps }: Watch): boolean =>
    !steps &&
    (turning.includes(decision) || (term.affine && Math.abs(term.value) <= noiseOf(term, close) && movedBy(term, t0).size > 0));
  const onIt = watches.filter(isOnIt);
  const others = turning.filter((decision) => !onIt.some((watch) => watch.decision === decision));
  return [
    ...others.map((decision) => ({ t: t0, decision, slopes: () => new Map<number, number>() })),
    ...onIt.map(({ decision, term }) => ({ t: t0, decision, slopes: () => movedBy(term, t0) })),
  ];
}

function movedBy(term: Term, t: number): ReadonlyMap<number, number> {
  const slopes = slopesAt(term, t);
  return new Map([...slopes.p].map(([j, slope]) => [j, -slope / slopes.t] as const).filter(([, moved]) => moved !== 0));
}
