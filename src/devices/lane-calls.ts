/** Runs of a kernel over trajectories that lie in memory, one a lane: the same code in this thread and in worker threads. */
import type { Batch } from "./device.ts";

/** A parameter in memory: own ones for every group of lanes, one group after the other. Plain data. */
export interface Place {
  readonly name: string;
  /** Elements of one trajectory. */
  readonly size: number;
  readonly own: boolean;
  readonly isWritten: boolean;
  readonly address: number;
  /** Bytes from a group to the next. */
  readonly stride: number;
}

export interface LaneLayout {
  readonly lanes: number;
  /** Groups of trajectories that there is memory for. */
  readonly groups: number;
  readonly places: readonly Place[];
}

/** A kernel over memory. */
export interface Loaded {
  readonly layout: LaneLayout;
  readonly memory: ArrayBuffer;
  readonly call: (...addresses: number[]) => unknown;
}

/** What of a batch is asked for here; the arrays have the rows of these trajectories. */
export type LaneBatch = Pick<Batch, "count" | "arrays" | "unfinished" | "sweep">;

export interface LaneCalls {
  /** Runs the trajectories from `first` on that there is memory for; yields after every call of the kernel, and returns how many. */
  run(loaded: Loaded, batch: LaneBatch, first: number): Generator<void, number>;
}

/** It needs nothing around it, for workers that are made of texts. */
export function laneCalls(rangesOf: (batch: LaneBatch) => Iterable<readonly [number, number]>, RANGE: string): LaneCalls {
  /** Rows to lanes. Lanes without a trajectory get the last one's values, so that they do nothing unheard of. */
  function gather(view: Float64Array, size: number, LANES: number, rows: Float64Array | undefined, first: number, here: number) {
    const lanes = Math.ceil(here / LANES) * LANES;
    if (!rows) return void view.fill(0, 0, lanes * size);
    for (let m = 0; m < lanes; m++) {
      const from = (first + Math.min(m, here - 1)) * size;
      const to = (m - (m % LANES)) * size + (m % LANES);
      for (let i = 0; i < size; i++) view[to + i * LANES] = rows[from + i];
    }
  }

  function scatter(view: Float64Array, size: number, LANES: number, rows: Float64Array | undefined, first: number, here: number) {
    if (!rows) return;
    for (let m = 0; m < here; m++) {
      const to = (first + m) * size;
      const from = (m - (m % LANES)) * size + (m % LANES);
      for (let i = 0; i < size; i++) rows[to + i] = view[from + i * LANES];
    }
  }

  function isAnyOn(view: Float64Array, at: number, lanes: number): boolean {
    for (let lane = 0; lane < lanes; lane++) if (view[at + lane] !== 0) return true;
    return false;
  }

  return {
    *run({ layout: { lanes, groups, places }, memory, call }, batch, first) {
      const { count, arrays, unfinished } = batch;
      const here = Math.min(groups * lanes, count - first);
      const views = places.map(({ own, size, address }) => {
        return new Float64Array(memory, address, size * (own ? groups * lanes : 1));
      });
      places.forEach(({ own, name, size }, i) => {
        if (own) gather(views[i], size, lanes, arrays[name], first, here);
        else if (name !== RANGE) views[i].set(arrays[name]);
      });
      const waiting = views[places.findIndex(({ name }) => name === unfinished)];
      const range = views[places.findIndex(({ name }) => name === RANGE)];
      for (let group = 0; group * lanes < here; group++) {
        const addresses = places.map(({ address, stride }) => address + group * stride);
        for (const told of rangesOf(batch)) {
          range?.set(told);
          do {
            call(...addresses);
            yield;
          } while (waiting && isAnyOn(waiting, group * lanes, lanes));
        }
      }
      places.forEach(({ own, isWritten, name, size }, i) => {
        if (own && isWritten) scatter(views[i], size, lanes, arrays[name], first, here);
      });
      return here;
    },
  };
}
