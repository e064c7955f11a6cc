/** A problem's events, as an integration takes them. */
import { memo } from "../../src/core/memo.ts";
import { componentName } from "../../src/arrays/layout.ts";
import type { EventOperators, ProblemCode } from "../../src/problem/code.ts";
import { NonFinite } from "../../src/core/errors.ts";
import { conditionAt } from "../../src/problem/events.ts";
import { timesAt, timesWithin } from "../../src/problem/event-times.ts";
import type { OdeProblem } from "../../src/problem/problem.ts";
import { applying, type Apply } from "./kept-state.ts";
import type { MissedEvent } from "../step-loop/missed-events.ts";
import type { RequestedEvents } from "../step-loop/request.ts";

const DIRECTIONS = { up: 1, down: -1, both: 0 } as const;

/**
 * The events at times within [t0, t1), or (t1, t0] of a span that runs backwards, in the order of integration, and those of the state.
 * They call the user's own functions: a few calls are not worth compiling.
 */
export function eventsWithin(
  { events, code, layout }: OdeProblem,
  p: Float64Array,
  [t0, t1]: readonly [number, number],
): RequestedEvents | undefined {
  if (!events?.length) return undefined;
  const n = layout.u.size;
  const direction = Math.sign(t1 - t0);
  const isWithin = (t: number): boolean => direction * (t - t0) >= 0 && direction * (t1 - t) > 0;
  const timed = events
    .flatMap((one, event) => {
      const at = timesAt(one, code.events[event], p);
      return at ? timesWithin(at, [t0, t1]).map(({ t, index }) => ({ t, event, index })) : [];
    })
    .filter(({ t }) => isWithin(t))
    .sort((a, b) => direction * (a.t - b.t));
  const applies = code.events.map(({ apply }) => apply && applying(code, apply));
  return {
    times: timed.map(({ t }) => t),
    which: timed.map(({ event }) => event),
    indices: timed.map(({ index }) => index),
    apply: (event, u, { t, index }) => apply(code, event, applies[event], u.length === n ? u : u.subarray(0, n), p, t, index),
    conditions: events.flatMap(({ when, direction: way = "both", apply: change, terminal = false }, event) => {
      if (!when) return [];
      const operator = code.events[event].when!;
      return [
        {
          event,
          direction: DIRECTIONS[way],
          moves: change !== undefined && !terminal,
          valueAt: (u: Float64Array, t: number) => conditionAt(operator, u, p, t),
        },
      ];
    }),
    changes: (event) => events[event].apply !== undefined,
    ends: (event) => events[event].terminal ?? false,
  };
}

/** Of an event whose function was called: whether it ever changed anything. */
const effectOf = memo((_event: EventOperators): { changes?: boolean } => ({}));

function apply(
  code: ProblemCode,
  event: number,
  change: Apply | undefined,
  u: Float64Array,
  p: Float64Array,
  t: number,
  index: number,
): void {
  const operators = code.events[event];
  if (!operators.apply || !change) return;
  const before = u.slice();
  change(u, p, t, index);
  effectOf(operators).changes ||= u.some((x, i) => x !== before[i]);
  const i = u.findIndex((x, k) => !Number.isFinite(x) && Number.isFinite(before[k]));
  if (i < 0) return;
  operators.apply.refuseMistake();
  const name = componentName(code.layout.u, i, "u");
  throw new NonFinite(
    `${operators.apply.name} makes ${name} ${u[i]} at t = ${t}, where it was ${before[i]}. Look at what it computes that of.`,
    t,
  );
}

/** A warning for each event that never did anything. */
function idleEvents(code: ProblemCode): readonly string[] {
  return code.events
    .filter((event) => effectOf(event).changes === false)
    .map(
      ({ apply: operator }) =>
        `${operator!.name} was called, and changed nothing. It changes what it is given, u.gut += p.dose: assigning to a variable of its ` +
        "own, as a destructured { gut } is, does nothing.",
    );
}

const SAID = {
  start: "is zero where the solve begins",
  rest: "is left at zero, at rest, by its event",
  other: "is moved by another event",
} as const;

/** A warning for each event that did not take place though its condition got to the other side. */
function missedEvents(code: ProblemCode, missed: readonly MissedEvent[]): readonly string[] {
  return missed.map(
    ({ event, t, how }) =>
      `${code.events[event].when!.name} ${SAID[how]} at t = ${Number(t.toPrecision(5))}, and gets to the side that its event is for without crossing zero, so ` +
      "that does not take place. If it is to hold the state there, do that by a flag in the state or a comparison in the right-hand side; if it is to " +
      'take place, start a little off zero, or let the other `apply` do its work, too; if neither, give the direction that counts, "up" or "down".',
  );
}

/** What is to be said of the events of a solve: that they change nothing, or did not take place. */
export function eventWarnings(code: ProblemCode, missed: readonly MissedEvent[]): readonly string[] {
  return [...idleEvents(code), ...missedEvents(code, missed)];
}
