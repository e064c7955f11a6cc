/** The absolute tolerance of a loss's integral. */
import { smallest } from "../../../solvers/step-loop/tolerances.ts";
import { integrateWith } from "../../../solvers/solve/auto.ts";
import { appliedLoss } from "../../losses/compiled.ts";
import { ZERO_DERIVATIVE_TOLERANCE } from "../shared/directions.ts";
import type { UnplannedTask } from "../../task/task.ts";
import { preparedFor, requestOf } from "../../task/solve.ts";
import { stepsOf } from "../../task/steps.ts";

/** The number of even parts of the span in which an integrand is sampled. */
const SAMPLES = 8;
/** The size of an integrand that is zero wherever it was sampled. */
const SMALLEST = 1e-100;

/** The absolute tolerance of the integral while it is small; later it grows with the integral (see ErrorPart). */
export function toleranceOfIntegral(task: UnplannedTask): number {
  return ZERO_DERIVATIVE_TOLERANCE * task.rtol * sizeOfIntegral(task);
}

/**
 * The rough size of a loss's integral: from its integrand at some times, and between those at which it switches, at the initial state and
 * at one half as large again.
 */
function sizeOfIntegral(task: UnplannedTask): number {
  const [t0, t1] = task.problem.tspan;
  const loss = appliedLoss(task);
  const larger = task.u0.map((x) => 1.5 * x + smallest(task.atol));
  const even = Array.from({ length: SAMPLES + 1 }, (_, k) => t0 + ((t1 - t0) * k) / SAMPLES);
  const times = [...even, ...Array.from(stepsOf(task).stops ?? [])].sort((a, b) => a - b);
  let size = 0;
  for (let k = 1; k < times.length; k++) {
    const t = (times[k - 1] + times[k]) / 2;
    for (const state of [task.u0, larger]) size = Math.max(size, Math.abs(loss.integrand(t, state)));
  }
  return size === 0 ? sizeOfIntegralAlong(task) : Math.abs(t1 - t0) * size;
}

/** What the integral may be at most, by its integrand along a solve for the state alone: also of what exceeds a threshold. */
export function sizeOfIntegralAlong(task: UnplannedTask): number {
  const [t0, t1] = task.problem.tspan;
  const loss = appliedLoss(task);
  let size = 0;
  integrateWith(preparedFor(task), task.solver, {
    ...requestOf(task),
    onSteps(steps) {
      for (let i = 0; i <= steps.count; i++) size = Math.max(size, Math.abs(loss.integrand(steps.time(i), steps.state(i))));
    },
  });
  return Math.abs(t1 - t0) * (size || SMALLEST);
}
