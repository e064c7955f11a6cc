/** Where the step loop halts: at stops, in their order, at ends of steps that were asked for, and at the end of the span. */
import type { IntegrationRequest } from "./request.ts";
import { stopsOf, type Stop } from "./stops.ts";

export class Halts {
  private readonly direction: number;
  private readonly stops: readonly Stop[];
  private nextStop = 0;
  private nextEnd = 0;
  /** A stop before the next one of those known before, found on the way. */
  aim: Stop | undefined;

  constructor(private readonly request: IntegrationRequest) {
    this.direction = request.t1 < request.t0 ? -1 : 1;
    this.stops = stopsOf(request);
  }

  /** The next stop. */
  get stop(): Stop | undefined {
    return this.aim ?? this.next;
  }

  /** The next of those that were known before. */
  get next(): Stop | undefined {
    return this.stops[this.nextStop];
  }

  /** Goes over the next stop. */
  pass(): void {
    if (this.aim) this.aim = undefined;
    else this.nextStop++;
  }

  /** Where a run of the step loop from t ends at the latest. */
  after(t: number): number {
    const { ends, t1 } = this.request;
    const stop = this.stop?.end ?? t1;
    if (!ends) return stop;
    while (this.nextEnd < ends.length && this.direction * (ends[this.nextEnd] - t) <= 0) this.nextEnd++;
    const end = this.nextEnd < ends.length ? ends[this.nextEnd] : t1;
    return this.direction * (stop - end) > 0 ? end : stop;
  }
}
