/** What takes place between two steps: events, and changes of the right-hand side. The trajectory keeps the states before and after. */
import type { IntegrationRequest } from "./request.ts";
import type { Stop } from "./stops.ts";
import type { Jump, Trajectory } from "./trajectory.ts";

export class Jumps {
  /** The first of the events at given times that has not taken place yet. */
  private nextEvent = 0;

  constructor(
    private readonly request: IntegrationRequest,
    private readonly trajectory: Trajectory,
    /** Where the next step begins. */
    private readonly state: Float64Array,
  ) {}

  /** Events that took place before this integration began do not take place again. */
  skip({ events }: Stop): void {
    this.nextEvent += events;
  }

  /** What takes place at a stop. */
  at(stop: Stop): void {
    const { request, trajectory, state } = this;
    const { t, end, start, switches, events } = stop;
    const { onStop } = request;
    if (switches)
      this.jump(undefined, { t, end, start, index: 0, isFirst: true, ends: false }, onStop && (() => onStop(state, stop)));
    for (let k = 0; k < events; k++, this.nextEvent++) {
      const { times, which, indices, apply } = request.events!;
      const [at, event, index] = [times[this.nextEvent], which[this.nextEvent], indices[this.nextEvent]];
      const isFirst = k === 0;
      const moment = { t: at, index, start, isFirst };
      this.jump(event, { t, end: start, start, index, isFirst, ends: false }, () => apply(event, state, moment));
    }
    if (events > 0 && request.saveat === "steps") trajectory.save(t, state);
  }

  /** Events of the state take place at t, in the order of the conditions that are met; true where one ends the solve. */
  meet(met: readonly number[], t: number): boolean {
    const { trajectory, request, state } = this;
    const { apply, changes, ends, conditions } = request.events!;
    const events = met.map((j) => conditions[j].event);
    const last = events.findIndex(ends);
    const taking = last < 0 ? events : events.slice(0, last + 1);
    for (const event of taking) {
      const index = trajectory.jumps.filter((jump) => jump.event === event).length;
      const moment = { t, index, start: t, isFirst: event === taking[0] };
      this.jump(event, { ...moment, end: t, ends: ends(event) }, () => apply(event, state, moment));
    }
    if (taking.some(changes) && request.saveat === "steps") trajectory.save(t, state);
    if (last >= 0 && request.savesEnd && trajectory.savedTimes.at(-1) !== t) trajectory.save(t, trajectory.jumps.at(-1)!.before);
    return last >= 0;
  }

  private jump(event: number | undefined, at: Omit<Jump, "before" | "after" | "event">, apply: (() => void) | undefined): void {
    const { trajectory, state } = this;
    const before = state.slice();
    apply?.();
    trajectory.jumps.push({ ...at, before, after: apply ? state.slice() : before, event });
    trajectory.dense?.jump();
    if (apply) trajectory.sizes.jump(before, state);
  }
}
