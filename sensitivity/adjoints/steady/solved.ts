/** The steady state of a task, and the loss there. */
import { searchFailure } from "../../../solvers/steady/failure.ts";
import { requireAutonomous } from "../../../solvers/steady/autonomous.ts";
import { search, type Found } from "../../../solvers/steady/search.ts";
import { DEFAULT_STEADY_STEPS } from "../../../solvers/steady/steady-state.ts";
import { agreementAlong } from "../../../solvers/systems/agreement.ts";
import { requireSteadyAgreement } from "../../losses/agreement.ts";
import { appliedLoss } from "../../losses/compiled.ts";
import type { UnplannedTask } from "../../task/task.ts";

export interface SteadyLoss {
  readonly found: Found;
  readonly value: number;
  /** The loss's own derivatives by the state, and by the parameters. */
  readonly byState: Float64Array;
  readonly byParameters: Float64Array;
}

/** Throws as `steadyState` does. */
export function steadyStateOf(task: UnplannedTask): Found {
  const { code, problem, u0, p, rtol, atol, maxSteps = DEFAULT_STEADY_STEPS, target, deadline, signal, onProgress } = task;
  const { tspan } = problem;
  requireAutonomous(problem, u0, p, tspan[0], tspan[1] - tspan[0]);
  const found = search({
    code,
    u0,
    p,
    tspan,
    rtol,
    atol,
    maxSteps,
    target,
    deadline,
    signal,
    watch: agreementAlong(code, p, target, { u0, t0: tspan[0] }),
    // How far it is nobody knows before it is there.
    onProgress: onProgress && (({ t, steps }) => onProgress({ phase: "forward", t, steps, fraction: 0 })),
  });
  if (found.kind !== "success") throw searchFailure(code, p, u0, found, found.u);
  return found;
}

/** Throws as `steadyState` does, and NonFiniteLoss. */
export function steadyLoss(task: UnplannedTask): SteadyLoss {
  const found = steadyStateOf(task);
  const byState = new Float64Array(task.u0.length);
  const byParameters = new Float64Array(task.p.length);
  requireSteadyAgreement(task, found.u);
  const value = appliedLoss(task).steady(found.u, byState, byParameters);
  return { found, value, byState, byParameters };
}
