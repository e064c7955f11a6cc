/**
 * Times that must be ends of steps, and after which a solve begins anew: events, and times at which the right-hand side may be
 * another one.
 */
import type { IntegrationRequest } from "./request.ts";

/**
 * Stages at the two ends of a step see the right-hand side on the step's own side of a switch, whichever side the switching time
 * itself belongs to: the step before ends so much earlier, and the next one begins so much later. Relative to the larger of the
 * times where the solve and where the step begins: more than the roundings of t + c h, and of conditions that change slowly, as
 * Math.cos(t) > 0.999 does.
 */
export const GAP = 2 ** -47;
/** Of the span, at least: for a switch at t = 0. */
export const LEAST = 2 ** -20;

export interface Stop {
  readonly t: number;
  /** Where the step before ends, and where the next one begins; both are t where only events take place. */
  readonly end: number;
  readonly start: number;
  /** The right-hand side may be another one from here on. */
  readonly switches: boolean;
  /** Events that take place here. */
  readonly events: number;
  /** Do decisions on the state turn here? */
  readonly turns?: true;
}

type Span = Pick<IntegrationRequest, "t0" | "t1" | "stops" | "events">;

/** In the order of integration; `gap`: where times are not f64s. Events at t1 and beyond do not take place. */
export function stopsOf({ t0, t1, stops, events }: Span, gap = GAP): Stop[] {
  if (!stops?.length && !events?.times.length) return [];
  const direction = t1 < t0 ? -1 : 1;
  const isBefore = (a: number, b: number): boolean => direction * (b - a) > 0;
  const switching = switchesWithin(stops ?? [], t0, t1, gap);
  const all: Stop[] = [];
  let next = 0;
  for (const t of events?.times ?? []) {
    if (!isBefore(t, t1)) break;
    while (next < switching.length && isBefore(switching[next].start, t)) all.push(switching[next++]);
    const last = all.at(-1);
    if (next < switching.length && !isBefore(t, switching[next].end)) all.push({ ...switching[next++], t, events: 1 });
    else if (last && last.events > 0 && !isBefore(last.start, t)) all[all.length - 1] = { ...last, events: last.events + 1 };
    else all.push({ t, end: t, start: t, switches: false, events: 1 });
  }
  return [...all, ...switching.slice(next)];
}

/** How far before and behind t the steps end and begin. */
export function gapAt(t: number, t0: number, t1: number, relative = GAP): number {
  return relative * Math.max(Math.abs(t0), Math.abs(t), LEAST * Math.abs(t1 - t0));
}

/** Those so close to each other that no step lies between them are one. */
function switchesWithin(times: ArrayLike<number>, t0: number, t1: number, relative: number): Stop[] {
  const direction = t1 < t0 ? -1 : 1;
  const clipped = (t: number): number => (direction * (t - t0) < 0 ? t0 : direction * (t1 - t) < 0 ? t1 : t);
  const found: Stop[] = [];
  const ordered = Float64Array.from(times).sort((a, b) => direction * (a - b));
  for (const t of ordered) {
    const gap = gapAt(t, t0, t1, relative);
    if (direction * (t - t0) < -gap || direction * (t1 - t) < -gap) continue;
    const stop = {
      t: clipped(t),
      end: clipped(t - direction * gap),
      start: clipped(t + direction * gap),
      switches: true,
      events: 0,
    };
    const last = found.at(-1);
    if (last && direction * (stop.end - last.start) <= 0) found[found.length - 1] = { ...last, start: stop.start };
    else found.push(stop);
  }
  return found;
}
