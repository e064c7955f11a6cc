/** Events: what changes the state, or ends the solve, at given times or where a condition crosses zero. */
import type { Layout } from "../arrays/layout.ts";
import { describe, type ArrayValue } from "../core/array-values.ts";
import { checkOptions, isObject, type Check, type Checks } from "../core/options/check.ts";
import { anything, boolean, callable, finite, number, oneOf, positive, shown } from "../core/options/kinds.ts";
import { numbers } from "../core/options/lists.ts";
import { NonFinite } from "../core/errors.ts";
import { BadEvents } from "./errors.ts";
import type { PlainOperator } from "./plain-operator.ts";

export type Mutable<T> = T extends ArrayValue | number ? T : { -readonly [K in keyof T]: Mutable<T[K]> };

/**
 * Changes of the state at given times, such as doses. The solution has two values at an event's time: what is asked of it there
 * is the value before the event; the derivative goes on from the value after it.
 */
export interface TimedEvent<U = unknown, P = unknown, C = unknown> {
  /**
   * Times of events, in any order, or periods; one given twice happens twice. An event at the start of tspan changes the initial state;
   * those at its end or outside of it do not take place. A function gives times that depend on p as it is at the start, as many whatever p
   * is: `(p) => [p.lag, p.lag + 12]`; derivatives by p are also by them. A loss at such a time sees the state before the event, and a
   * derivative on that side.
   */
  readonly at: ArrayLike<number> | Periods | ((p: P, constants: C) => ArrayLike<number>);
  /**
   * Changes u in place: `u.gut += p.dose`. What it does not touch stays; a state that is returned is an error. `index` is which of the
   * times it is, in the order in which they are given, or the number of periods since the first: `u.gut += p.doses[index]`. What it writes
   * to p holds from then on, in this solve (`solution.parameters(t)`); derivatives by p are by what p is at the start.
   */
  readonly apply: (u: Mutable<U>, p: Mutable<P>, t: number, constants: C, index: number) => void;
  readonly when?: undefined;
  readonly direction?: undefined;
  readonly terminal?: undefined;
}

/** The times from + k every, k = 0, 1, …, as far as `until`, itself included, in the units of time. */
export interface Periods {
  readonly every: number;
  readonly from: number;
  readonly until: number;
}

/**
 * An event that takes place where a condition of the state, the parameters or the time crosses zero: a ball that meets the floor, a tank
 * that is full, a lag that is a parameter (`t - p.lag`). The crossing is found between the steps to rounding; the solve stops there
 * and begins anew. As with timed events, what is asked of the solution at that time is the value before the event.
 */
export interface StateEvent<U = unknown, P = unknown, C = unknown> {
  readonly at?: undefined;
  /**
   * A number that crosses zero where the event takes place: `u.height`, `u.level - p.full`; no comparison. It is looked at where steps end
   * and at some points between. The event takes place where it reaches zero from another sign, not where it begins at zero.
   */
  readonly when: (u: U, p: P, t: number, constants: C) => number;
  /** The way it crosses as the solve goes on, "up" from below zero, "down" from above, or "both". Default "both". */
  readonly direction?: "up" | "down" | "both";
  /** Changes u, and p, in place, as that of a timed event does; `index` is how often it took place before. Default: nothing changes. */
  readonly apply?: (u: Mutable<U>, p: Mutable<P>, t: number, constants: C, index: number) => void;
  /** Whether the solve ends here, after `apply`. Default false. */
  readonly terminal?: boolean;
}

export type ProblemEvent<U = unknown, P = unknown, C = unknown> = TimedEvent<U, P, C> | StateEvent<U, P, C>;

/** One event, or several: at the same time they take place in the order of the list. */
export type Events<U = unknown, P = unknown, C = unknown> = ProblemEvent<U, P, C> | readonly ProblemEvent<U, P, C>[];

/** Times that do not depend on p. */
export type GivenTimes = Float64Array | Periods;

/** An event of a problem, checked. One that is timed has `at`, one of the state has `when`. */
export interface CheckedEvent {
  readonly at?: GivenTimes | ((...args: never[]) => unknown);
  readonly apply?: (...args: never[]) => unknown;
  readonly when?: (...args: never[]) => unknown;
  readonly direction?: "up" | "down" | "both";
  readonly terminal?: boolean;
}

const checks: Checks<CheckedEvent> = {
  at: anything,
  apply: anything,
  when: anything,
  direction: oneOf("up", "down", "both"),
  terminal: boolean,
};

/** "events" of one that is given by itself, "events[1]" of one in a list. */
export function eventName(events: unknown, index: number): string {
  return Array.isArray(events) ? `events[${index}]` : "events";
}

/** Are the keys of an event, or of each of a list, known, and their values of their kinds? */
export const eventsCheck: Check = (value) => {
  listed(value).forEach((event, k) => {
    const name = eventName(value, k);
    checkOptions(event, checks, name, `${name}.`);
  });
};

/** After {@link eventsCheck}; undefined where there are none. Throws {@link BadEvents}, and BadOption for functions that are classes. */
export function checkedEvents(events: Events<never, never, never>, layout: Layout): readonly CheckedEvent[] | undefined {
  const list = listed(events);
  if (list.length === 0) return undefined;
  return list.map((event, k) => checkedEvent(event as ProblemEvent, eventName(events, k), layout));
}

function listed(events: unknown): readonly unknown[] {
  return Array.isArray(events) ? events : [events];
}

function checkedEvent({ at, apply, when, direction, terminal }: ProblemEvent, name: string, layout: Layout): CheckedEvent {
  if (at !== undefined && when !== undefined) {
    throw new BadEvents(
      `${name}: it has both \`at\` and \`when\`. An event at given times and one of the state are two: [{ at, apply }, { when, apply }].`,
    );
  }
  if (at === undefined && when === undefined) {
    throw new BadEvents(
      `${name}: there is neither \`at\` nor \`when\`. Give the times of the event, at: [1, 2], or a number that crosses zero where it ` +
        "takes place, when: (u) => u.height.",
    );
  }
  if (when !== undefined) requireFunction(when, `${name}.when`, "returns a number that crosses zero");
  if (apply !== undefined || when === undefined) {
    requireFunction(apply, `${name}.apply`, "changes u in place");
    if (layout.kind === "scalar")
      throw new BadEvents(`u0 is a number, which ${name} cannot change in place. Make it an array of one: [u0].`);
  }
  if (when !== undefined) return { when, direction: direction ?? "both", terminal: terminal ?? false, ...(apply && { apply }) };
  const wrong = direction !== undefined ? "direction" : terminal !== undefined ? "terminal" : undefined;
  if (wrong === undefined) return { at: timesOf(at!, `${name}.at`), apply };
  throw new BadEvents(
    `${name}: \`${wrong}\` is of an event of the state, which has \`when\`. Leave it out; tspan ends a solve at a given time.`,
  );
}

function timesOf(at: NonNullable<ProblemEvent["at"]>, name: string): CheckedEvent["at"] {
  if (typeof at === "function") {
    callable(at, name);
    return at as (...args: never[]) => unknown;
  }
  return isObject(at) && "every" in at ? periodsOf(at, name) : numbers(at, name, BadEvents);
}

const periodChecks: Checks<Periods> = { every: positive, from: finite, until: number };

function periodsOf(given: Partial<Periods>, name: string): Periods {
  checkOptions(given, periodChecks, name, `${name}.`);
  const { every = NaN, from = 0, until = Infinity } = given;
  if (!(until >= from))
    throw new BadEvents(`${name}: it is to last from ${from} until ${until}, but must not end before it begins.`);
  return { every, from, until };
}

/**
 * An event that takes place again and again, at equal distances in time.
 *
 * @param event - `every`: the distance; `from`: the first time (0 by default); `until`: no time is later (by default the end of tspan); `apply` as
 * of any event.
 * @returns An event of a problem.
 * @throws UnknownOption, BadOption and {@link BadEvents} for what makes no sense.
 * @example
 * odeProblem({ rhs, u0, tspan: [0, 96], events: periodic({ every: 24, apply: (u, p) => { u.gut += p.dose; } }) });
 */
export function periodic<U = unknown, P = unknown, C = unknown>(
  event: Pick<Periods, "every"> & Partial<Periods> & Pick<TimedEvent<U, P, C>, "apply">,
): TimedEvent<U, P, C> {
  checkOptions(event, { ...periodChecks, apply: callable }, "periodic");
  const { every, from, until, apply } = event;
  if (every === undefined) throw new BadEvents("periodic: `every` is missing, the time from one event to the next.");
  return { at: periodsOf({ every, from, until }, "periodic"), apply };
}

function requireFunction(value: unknown, what: string, that: string): void {
  if (typeof value !== "function") throw new BadEvents(`${what} is ${describe(value)}, but must be a function that ${that}.`);
  callable(value, what);
}

/** What the condition of an event gives at a state. Throws {@link BadEvents} where that is no number, and NonFinite where it is NaN. */
export function conditionAt(when: PlainOperator, u: Float64Array, p: Float64Array, t: number): number {
  const value: unknown = when.number([u, p, t]);
  if (typeof value !== "number") {
    const instead = typeof value === "boolean" ? ", no comparison: u.height - p.floor in place of u.height < p.floor" : "";
    throw new BadEvents(
      `${when.name} gives ${shown(value)} at t = ${t}. It must return a number that crosses zero where the event takes place${instead}.`,
    );
  }
  if (Number.isNaN(value)) throw new NonFinite(`${when.name} gives NaN at t = ${t}. Look at what it computes that of.`, t);
  return value;
}
