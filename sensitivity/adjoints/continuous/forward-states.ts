/** The forward solution as the way back looks it up, one stretch after the other. */
import { AdjointFailed } from "../../../src/core/errors.ts";
import { requireNotStopped } from "../shared/solve-failure.ts";
import type { DenseOutput } from "../../../solvers/step-loop/dense-output.ts";
import type { Checkpoint } from "./checkpoints.ts";
import { solveAgain, type Forward } from "./forward-solve.ts";
import type { GradientTask } from "../../task/task.ts";

export interface ForwardStates {
  /** What follows looks up times between `to` and `from`; no event lies between them. */
  enter(from: number, to: number): void;
  interpolate(t: number, out: Float64Array): void;
  /** Held, at most at a time. */
  readonly bytes: number;
}

/** From the dense output of the forward solve: of two values at an event, that on the side gone over. */
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

/** Solved again from the checkpoint before, one interval at a time, so that only one is in memory. */
export function recomputedStates(task: GradientTask, forward: Forward, starts: readonly Checkpoint[]): ForwardStates {
  let known = -1;
  let dense: DenseOutput;
  let bytes = 0;
  return {
    enter: (_, to) => {
      const interval = lastUpTo(to, starts, task);
      if (interval === known) return;
      const next = starts.at(interval + 1);
      const end = next ? (next.end ?? next.t) : task.problem.tspan[1];
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
      known = interval;
    },
    interpolate: (t, out) => dense.interpolate(t, out),
    get bytes() {
      return bytes;
    },
  };
}

/** Index of the last one whose time is not after t in the direction of the solve; -1 if all are. */
function lastUpTo(t: number, times: readonly { readonly t: number }[], { problem: { tspan } }: GradientTask): number {
  const direction = Math.sign(tspan[1] - tspan[0]);
  return times.findLastIndex((at) => direction * (at.t - t) <= 0);
}

/** Index of the last of many times, in the order of a solve in that direction, that lies before t; -1 if none does. */
export function lastBefore(times: ArrayLike<number>, t: number, direction: number): number {
  let [low, high] = [-1, times.length - 1];
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if (direction * (times[middle] - t) < 0) low = middle;
    else high = middle - 1;
  }
  return low;
}
