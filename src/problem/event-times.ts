/** The times of events at given times, or at times that p gives. */
import { view } from "../arrays/view.ts";
import { layoutOf, type Layout } from "../arrays/layout.ts";
import { describe } from "../core/array-values.ts";
import { called } from "../operations/calling.ts";
import type { EventOperators } from "./code.ts";
import { BadEvents } from "./errors.ts";
import type { CheckedEvent, GivenTimes } from "./events.ts";
import type { PlainFunction } from "./plain-operator.ts";

/** More would hardly end. */
const MOST_PERIODS = 1e7;

/** A time of an event, and which of its times it is: among those given, in the order they are given in, or of the periods from the first. */
export interface EventTime {
  readonly t: number;
  readonly index: number;
}

/** The times of an event at given times within a span, both ends included. Throws {@link BadEvents} for too many. */
export function timesWithin(at: GivenTimes, [t0, t1]: readonly [number, number]): EventTime[] {
  const [low, high] = [Math.min(t0, t1), Math.max(t0, t1)];
  if (at instanceof Float64Array) return Array.from(at, (t, index) => ({ t, index })).filter(({ t }) => low <= t && t <= high);
  const { every, from, until } = at;
  const first = Math.max(0, Math.ceil((low - from) / every));
  const last = Math.floor((Math.min(high, until) - from) / every);
  if (!(last - first < MOST_PERIODS)) {
    throw new BadEvents(
      `events at ${last - first + 1} times, one every ${every}, between ${low} and ${high}: there may be ${MOST_PERIODS}.`,
    );
  }
  return Array.from({ length: Math.max(0, last - first + 1) }, (_, k) => ({ t: from + (first + k) * every, index: first + k }));
}

/** The times of an event at these parameters; undefined of one of the state. Throws {@link BadEvents} for times that are not finite. */
export function timesAt({ at }: CheckedEvent, { times }: EventOperators, p: Float64Array): GivenTimes | undefined {
  if (typeof at !== "function") return at;
  const found = new Float64Array(times!.output.layout.size);
  times!.evaluate(found, [p]);
  const wrong = found.findIndex((t) => !Number.isFinite(t));
  if (wrong < 0) return found;
  throw new BadEvents(`${times!.name} gives ${found[wrong]} as its time ${wrong}. Look at what it computes that of.`);
}

/** Of a function that gives times, called at p: how many there are. Throws {@link BadEvents} where it gives something else. */
export function timesLayout(at: PlainFunction, name: string, layout: Layout, p: Float64Array, constants: unknown): Layout {
  const given = called(name, undefined, () => at(view(layout, p.slice(), "p"), ...(constants === undefined ? [] : [constants])));
  if (typeof given !== "object" || given === null || !("length" in given)) {
    throw new BadEvents(`${name} gives ${describe(given)}, but must give a list of times: (p) => [p.lag].`);
  }
  return layoutOf(Array.from(given as ArrayLike<unknown>), name);
}
