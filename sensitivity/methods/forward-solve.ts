/** The forward solve that an adjoint method goes back over, and what it keeps. */
import { integrateWith, type Integrated } from "../../solvers/auto.ts";
import { eventsWithin } from "../../solvers/events.ts";
import { failureOf } from "../../solvers/failure.ts";
import type { IntegrationRequest } from "../../solvers/integrate.ts";
import { withPrepared } from "../../solvers/problem-system.ts";
import type { Trajectory } from "../../solvers/trajectory.ts";
import { forwardProgress } from "../progress.ts";
import { Checkpoints } from "./checkpoints.ts";
import type { AppliedLoss } from "./compiled-loss.ts";
import type { GradientTask, MethodTraits, UnplannedTask } from "./method.ts";
import { stepsOf } from "./task-steps.ts";

export interface Forward extends Integrated {
  readonly checkpoints: Checkpoints;
  /** Of the loss's integrand, 0 without one. */
  readonly integral: number;
}

/** Throws the kinds of SolveFailed. */
export function solveForward(task: GradientTask, memory: MethodTraits["memory"], loss: AppliedLoss): Forward {
  let checkpoints = new Checkpoints();
  let integral = 0;
  const { overSteps } = loss;
  const observes = overSteps || memory === "checkpoints";
  const integrated = integrateWith(lender(task), task.solver, {
    onProgress: forwardProgress(task),
    saveat: task.loss.times,
    dense: memory === "dense",
    onSteps: observes
      ? (steps) => {
          if (overSteps) integral += overSteps(steps);
          for (let i = 1; memory === "checkpoints" && i <= steps.count; i++) checkpoints.observe(steps.time(i), steps.state(i));
        }
      : undefined,
    onRestart() {
      checkpoints = new Checkpoints();
      integral = 0;
    },
    // Last: adding to what was spread takes microseconds.
    ...requestOf(task),
  });
  const { trajectory, solver } = integrated;
  if (trajectory.result.kind !== "success") {
    throw failureOf(task.code, task.p, trajectory, solver);
  }
  return { checkpoints, integral, ...integrated };
}

/** Integrates from a checkpoint on to `until`, densely; there are no stops between. */
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
  return integrateWith(lender(task), method, { ...requestOf(task), ...stretch }).trajectory;
}

/** Lends the problem, prepared, to `integrateWith`. */
export function lender({ code, problem, u0, p, target }: UnplannedTask): Parameters<typeof integrateWith>[0] {
  return (method, use) => withPrepared(code, { u0, p, tspan: problem.tspan }, method, target, use);
}

/** What every forward solve of the task has in common. */
export function requestOf(task: UnplannedTask): IntegrationRequest {
  const { problem, u0, p, rtol, atol, maxSteps, signal } = task;
  const [t0, t1] = problem.tspan;
  return { u0, p, t0, t1, rtol, atol, maxSteps, signal, ...stepsOf(task), events: eventsWithin(problem, p, problem.tspan) };
}
