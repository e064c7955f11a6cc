/** The forward solve of the continuous adjoint methods, and what they keep of it. */
import { integrateWith, type Integrated } from "../../../solvers/solve/auto.ts";
import type { Trajectory } from "../../../solvers/step-loop/trajectory.ts";
import { forwardProgress } from "../../task/progress.ts";
import { carriedFailure } from "../shared/carried-failure.ts";
import { Checkpoints } from "./checkpoints.ts";
import { requireLossTimes } from "../shared/end-times.ts";
import type { MethodTraits } from "../shared/method.ts";
import type { GradientTask } from "../../task/task.ts";
import { integrateResolved } from "../integral/resolved-solve.ts";
import { preparedFor, requestOf } from "../../task/solve.ts";
import { withIntegral } from "../forward/with-integral.ts";

/** A forward solution. */
export interface Forward extends Omit<Integrated, "changes"> {
  readonly checkpoints: Checkpoints;
  /** The integral in the loss, 0 without one. */
  readonly integral: number;
}

/**
 * Solves forward, and keeps what the method needs.
 *
 * @throws The kinds of SolveFailed, and BadLoss.
 */
export function solveForward(task: GradientTask, memory: MethodTraits["memory"]): Forward {
  const n = task.u0.length;
  let checkpoints = new Checkpoints();
  const carried = withIntegral(task);
  const { trajectory, solver, method } = integrateResolved(task, carried.withPrepared, task.solver, {
    onProgress: forwardProgress(task),
    saveat: task.loss.times,
    dense: memory === "dense",
    onSteps:
      memory === "checkpoints"
        ? (steps) => {
            for (let i = 1; i <= steps.count; i++) checkpoints.observe(steps.time(i), steps.state(i).subarray(0, n));
          }
        : undefined,
    onRestart() {
      checkpoints = new Checkpoints();
    },
    // Last: adding to what was spread takes microseconds.
    ...carried.request,
  });
  if (trajectory.result.kind !== "success") {
    throw carriedFailure(
      task,
      { trajectory, solver },
      {
        who: `${solver}, with the integral of the loss,`,
        nameOf: () => "the integral of the loss",
        remedy: "The state itself can be solved for: look at the loss's integrand there, or loosen the tolerances.",
      },
    );
  }
  requireLossTimes(task, trajectory);
  const integral = task.loss.integral ? trajectory.final[n] : 0;
  return { checkpoints, integral, solver, method, trajectory: trajectory.leading(n, new Float64Array(0)) };
}

/** Integrates from a checkpoint to `until` with dense output; there are no stops between. */
export function solveAgain(
  task: GradientTask,
  { method }: Forward,
  start: { t: number; state: Float64Array },
  until: number,
): Trajectory {
  const stretch = {
    u0: start.state,
    t0: start.t,
    t1: until,
    events: undefined,
    stops: undefined,
    firstStep: undefined,
    dense: true,
  };
  return integrateWith(preparedFor(task), method, { ...requestOf(task), ...stretch }).trajectory;
}
