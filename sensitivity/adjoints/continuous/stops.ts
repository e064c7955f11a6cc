/** The times at which the backward solve stops: those of the loss, events and switches, and checkpoints of the forward solution. */
import type { Jump } from "../../../solvers/step-loop/trajectory.ts";
import type { Checkpoint } from "./checkpoints.ts";
import { lastBefore } from "./forward-states.ts";

/** A time at which the backward solve stops, and what happens there. */
export interface BackwardStop {
  readonly t: number;
  /** The time at which the solve goes on. It is t by default. */
  readonly resume?: number;
  readonly happens: () => void;
}

/** What happens at the stops of each kind. */
export interface StopActions {
  /** The k-th time of the loss is reached. */
  readonly sample: (k: number) => void;
  /** An event, or a switch of the right-hand side, is reached. */
  readonly jump: (jump: Jump) => void;
  /** A checkpoint of the forward solution is reached. */
  readonly checkpoint: (checkpoint: Checkpoint) => void;
}

/** What the stops are made of: times and jumps in the order of the forward solve, whose direction is 1 or -1. */
interface StopTimes {
  readonly lossTimes: Float64Array;
  readonly jumps: readonly Jump[];
  readonly checkpoints: readonly Checkpoint[];
  readonly direction: number;
}

/** All stops, the last of the forward solve first. */
export function backwardStops({ lossTimes, jumps, checkpoints, direction }: StopTimes, actions: StopActions): BackwardStop[] {
  // Of stops at one time, that which comes first in the forward solution has the lowest rank.
  const ranked = [
    ...Array.from(lossTimes, (t, k) => ({ t: sideOf(t, jumps), rank: 0, happens: () => actions.sample(k) })),
    ...jumps.map((jump) => ({ t: jump.start, resume: jump.end, rank: 1, happens: () => actions.jump(jump) })),
    ...checkpoints.map((checkpoint) => ({ t: checkpoint.t, rank: 2, happens: () => actions.checkpoint(checkpoint) })),
  ];
  return ranked.sort((a, b) => direction * (a.t - b.t) || a.rank - b.rank).reverse();
}

/** The side before a switch for a time between its two sides; any other time is left as it is. */
function sideOf(t: number, jumps: readonly Jump[]): number {
  return jumps.find(({ end, start }) => end !== start && (t - end) * (start - t) >= 0)?.end ?? t;
}

/** The number of forward steps that one backward step may span. */
const STRIDE = 2;

/**
 * The ends of forward steps between two times that are ends of backward steps as well. So what acts for a short time, and made the
 * forward solve take short steps, is not stepped over where λ is at rest.
 */
export function endsBetween(forwardTimes: readonly number[], from: number, to: number): number[] {
  const direction = Math.sign(from - to);
  const ends: number[] = [];
  let i = lastBefore(forwardTimes, from, direction) - STRIDE + 1;
  for (; i >= 0 && direction * (forwardTimes[i] - to) > 0; i -= STRIDE) ends.push(forwardTimes[i]);
  return ends;
}
