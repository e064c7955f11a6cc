/**
 * The times at which the steps of a batch end, of each trajectory: where the right-hand side may become another one, and where events
 * take place.
 */
import type { BatchDevice } from "../../src/devices/device.ts";
import type { OdeProblem } from "../../src/problem/problem.ts";
import { stopsOf, type Stop } from "../step-loop/stops.ts";
import { crossingsOf, stopTimes, timesReadParameters, unresolvedIn } from "../events/switching.ts";
import { eventsWithin } from "../events/events.ts";
import type { Ends } from "./narrow-ends.ts";
import type { Spans } from "./spans.ts";
import { kernelEventsOf, noHalts, type KernelHalts } from "./kernel-events.ts";

/** The step over a switch, from the one side to the other, relative to the time: a few roundings. */
const GAP = { f64: 2 ** -50, f32x2: 2 ** -42, f32: 2 ** -20 };

/** What a kernel is told of an event at a halt: the event's index in the problem's list plus one, 0 of none; which of its times it is; and that. */
export const happening = { event: 0, index: 1, t: 2 } as const;
export const HAPPENING = 3;

export interface Halts {
  readonly kernel: KernelHalts;
  /**
   * `halts`: of each trajectory its own, or the same for all; t1 behind the last of them. `happenings`: what takes place at each of them, where
   * there are timed events. Empty where there are none.
   */
  readonly arrays: { readonly halts?: Float64Array; readonly happenings?: Float64Array };
  readonly isOwn: boolean;
  /** Does the solve begin anew somewhere, be it that the right-hand side switches or that it was asked for? */
  readonly isBroken: boolean;
  /** Does the right-hand side switch at times within the span; and do parameters move them? */
  readonly switches: boolean;
  readonly move: boolean;
}

interface Batch {
  readonly p: Float64Array;
  readonly count: number;
  /** Has each trajectory parameters of its own? */
  readonly isOwn: boolean;
  readonly spans: Spans;
}

/** Where steps end beside what is found: as the user asks, where it may be another one; and for what acts for a short time. */
interface Asked {
  readonly stops: ArrayLike<number> | undefined;
  /** Of each trajectory; and do its parameters move them? */
  readonly ends: { readonly of: (m: number) => Ends; readonly move: boolean };
}

/** A halt: where a step ends, and the event that takes place there. */
interface Halt {
  readonly at: number;
  readonly event?: readonly [event: number, index: number, t: number];
}

/** Throws TooManySwitches, and BadEvents for times that are not finite. */
export function haltsOf(
  problem: OdeProblem,
  { p, count, isOwn, spans }: Batch,
  { stops, ends }: Asked,
  precision: BatchDevice["precision"],
): Halts {
  const { code } = problem;
  const np = code.layout.p.size;
  const isTimed = problem.events?.some(({ at }) => at !== undefined) ?? false;
  const eventsMove = problem.events?.some(({ at }) => typeof at === "function") ?? false;
  let [switches, move, isBroken] = [false, false, false];
  const rowOf = (m: number): Halt[] => {
    const own = isOwn ? p.subarray(m * np, (m + 1) * np) : p;
    const tspan = spans.of(m);
    const [t0, t1] = tspan;
    const found = crossingsOf(code, own, tspan);
    switches ||= found.length > 0;
    move ||= found.some(({ slopes }) => slopes().size > 0) || unresolvedIn(code.rhsProgram(), own, tspan).length > 0;
    const events = isTimed ? eventsWithin(problem, own, tspan) : undefined;
    let next = 0;
    const at = (stop: Stop): Halt[] => {
      const { end, start, switches } = stop;
      const here = Array.from({ length: stop.events }, (): Halt => {
        const k = next++;
        return { at: start, event: [events!.which[k] + 1, events!.indices[k], events!.times[k]] };
      });
      const sides = switches ? [{ at: end }, ...(here.length === 0 ? [{ at: start }] : [])] : [];
      return [...sides.filter((halt) => halt.at !== t0 && halt.at !== t1), ...here];
    };
    const all = stopsOf({ t0, t1, stops: stopTimes(found, stops), events }, GAP[precision]);
    isBroken ||= all.length > 0;
    return withEnds(all.flatMap(at), ends.of(m), all, Math.sign(t1 - t0));
  };
  const first = rowOf(0);
  // The first may switch nowhere in its span where others do.
  const differ = spans.count !== undefined || (isOwn && (timesReadParameters(code) || eventsMove || ends.move));
  const rows = differ ? Array.from({ length: count }, (_, m) => (m === 0 ? first : rowOf(m))) : [first];
  const longest = rows.reduce((most, row) => Math.max(most, row.length), 0);
  // So that few kernels are made for many counts.
  const room = longest === 0 ? 0 : 2 ** Math.ceil(Math.log2(longest));
  const events = kernelEventsOf(problem);
  if (room === 0)
    return { kernel: events ? { ...noHalts, events } : noHalts, arrays: {}, isOwn: differ, isBroken, switches, move };
  const halts = new Float64Array(rows.length * room);
  rows.forEach((_, m) => halts.fill(spans.of(m)[1], m * room, (m + 1) * room));
  const happenings = new Float64Array(rows.length * room * HAPPENING);
  rows.forEach((row, m) =>
    row.forEach(({ at, event }, k) => {
      halts[m * room + k] = at;
      if (event) happenings.set(event, (m * room + k) * HAPPENING);
    }),
  );
  const arrays = { halts, ...(isTimed && { happenings }) };
  return { kernel: { count: room, events, timed: isTimed }, arrays, isOwn: differ, isBroken, switches, move };
}

/** In the order of the solve; none between the two sides of a stop. */
function withEnds(halts: readonly Halt[], ends: Ends, stops: readonly Stop[], direction: number): Halt[] {
  if (!ends) return [...halts];
  const isFree = (t: number): boolean => !stops.some(({ end, start }) => (t - end) * (start - t) >= 0);
  const more = Array.from(ends).filter(isFree);
  return [...halts, ...more.map((at) => ({ at }))].sort((a, b) => direction * (a.at - b.at));
}
