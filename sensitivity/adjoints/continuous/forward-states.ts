/** The forward solution as the backward solve looks it up, one stretch after the other. */
import { AdjointFailed } from "../../../src/core/errors.ts";
import { requireNotStopped } from "../shared/solve-failure.ts";
import type { DenseOutput } from "../../../solvers/step-loop/dense-output.ts";
import type { Checkpoint } from "./checkpoints.ts";
import { solveAgain, type Forward } from "./forward-solve.ts";
import type { GradientTask } from "../../task/task.ts";

/** Where the states come from. */
export interface ForwardStates {
  /** Tells that times between `to` and `from` will be looked up, between which no event lies. */
  enter(from: number, to: number): void;
  /** Writes the state at t. */
  interpolate(t: number, out: Float64Array): void;
  /** The largest number of bytes held at a time. */
  readonly bytes: number;
}

/** States from the dense output of the forward solve. At an event it is the state on the side of the stretch entered. */
export function denseStates(task: GradientTask, { trajectory }: Forward): ForwardStates {
  const { jumps, dense } = trajectory;
  const starts = jumps.map(({ start }) => ({ t: start }));
  let piece = dense!.pieces[0];
  return {
    enter: (_, to) => void (piece = dense!.pieces[lastUpTo(to, starts, task) + 1]),
    interpolate: (t, out) => piece.interpolate(t, out),
    bytes: dense!.bytes,
  };
}

/** States that are solved again from the checkpoint before them, one interval at a time, so that only one is in memory. */
export function recomputedStates(task: GradientTask, forward: Forward, starts: readonly Checkpoint[]): ForwardStates {
  let solved = -1;
  let dense: DenseOutput;
  let bytes = 0;
  return {
    enter: (_, to) => {
      const interval = lastUpTo(to, starts, task);
      if (interval === solved) return;
      const next = starts.at(interval + 1);
      const end = next ? (next.end ?? next.t) : forward.trajectory.result.t;
      const again = solveAgain(task, forward, starts[interval], end);
      requireNotStopped("the forward solution, solved again,", again);
      if (again.result.kind !== "success") {
        throw new AdjointFailed(
          `the forward solution could not be solved again from its checkpoint at t = ${starts[interval].t}: it stopped at ` +
            `t = ${again.result.t} (${again.result.kind}). Try adjoint: "gauss", which keeps it, or tighter tolerances.`,
        );
      }
      dense = again.dense!;
      bytes = Math.max(bytes, dense.bytes);
      solved = interval;
    },
    interpolate: (t, out) => dense.interpolate(t, out),
    get bytes() {
      return bytes;
    },
  };
}

/** The index of the last time that is not after t in the direction of the solve; -1 if all are. */
function lastUpTo(t: number, times: readonly { readonly t: number }[], { problem: { tspan } }: GradientTask): number {
  const direction = Math.sign(tspan[1] - tspan[0]);
  return times.findLastIndex((at) => direction * (at.t - t) <= 0);
}

/** The index of the last of many times, in the order of a solve in that direction, that lies before t; -1 if none does. */
export function lastBefore(times: ArrayLike<number>, t: number, direction: number): number {
  let [low, high] = [-1, times.length - 1];
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if (direction * (times[middle] - t) < 0) low = middle;
    else high = middle - 1;
  }
  return low;
}
