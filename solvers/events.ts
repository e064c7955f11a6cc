/** A problem's events, as an integration takes them. */
import type { OdeProblem } from "../src/problem.ts";
import type { TimedEvents } from "./integrate.ts";

/**
 * The events within [t0, t1), or (t1, t0] of a span that runs backwards, in the order of integration. They call the user's own
 * function: a few calls are not worth compiling.
 */
export function eventsWithin(
  { events, code }: OdeProblem,
  p: Float64Array,
  [t0, t1]: readonly [number, number],
): TimedEvents | undefined {
  if (!events) return undefined;
  const direction = Math.sign(t1 - t0);
  const times = events.at
    .filter((t) => direction * (t - t0) >= 0 && direction * (t1 - t) > 0)
    .sort((a, b) => direction * (a - b));
  return { times, apply: (u, t) => code.applyEvent(u, p, t) };
}
