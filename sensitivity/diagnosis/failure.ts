/** The diagnosis of a gradient that failed: the derivative that is not finite is looked for along the solution. */
import {
  AdjointAborted,
  AdjointOutOfSteps,
  AdjointOutOfTime,
  DerivativeNotFinite,
  EndedBeforeLoss,
  GrazingEvent,
} from "../task/errors.ts";
import { AdjointFailed } from "../../src/core/errors.ts";
import { requireFiniteLoss } from "../losses/not-finite.ts";
import type { Program } from "../../src/ir/ir.ts";
import { integrateWith } from "../../solvers/solve/auto.ts";
import { executionOf } from "../../solvers/systems/problem-system.ts";
import { preparedFor, requestOf } from "../task/solve.ts";
import { requireFinitePartials } from "../task/finite-partials.ts";
import type { GradientTask } from "../task/task.ts";
import { Screen } from "./screen.ts";

/** The largest number of states at which functions are interpreted, instruction by instruction. */
const MOST_INTERPRETED = 32;

/**
 * Runs a computation of derivatives. A failure whose cause is a derivative that is not finite is thrown as {@link NotDifferentiable}; the
 * diagnosis takes about as long as the solve.
 */
export function explainingFailures<T>(task: GradientTask, run: () => T): T {
  try {
    return run();
  } catch (error) {
    const isClear = [AdjointAborted, AdjointOutOfSteps, AdjointOutOfTime, EndedBeforeLoss, GrazingEvent].some(
      (Clear) => error instanceof Clear,
    );
    if (!(error instanceof AdjointFailed) || isClear) throw error;
    requireDifferentiable(task, error);
    const mayNeedSecond = executionOf(task.code).compiled && (task.solver?.family.implicit ?? true);
    if (!(error instanceof DerivativeNotFinite) || !mayNeedSecond) throw error;
    throw error.besideFirstDerivatives(task.code.mass ? "dual" : "gauss");
  }
}

/** Requires derivatives to be finite at the ends of the steps and at the times of the loss. */
function requireDifferentiable(task: GradientTask, cause: AdjointFailed): void {
  const { code, p, loss, problem } = task;
  if (!executionOf(code).compiled) return;
  const { trajectory } = integrateWith(preparedFor(task), task.solver, { ...requestOf(task), saveat: "steps", dense: true });
  const { n, savedTimes, savedStates, dense, final } = trajectory;
  const screen = new Screen(task);
  let interpreted = 0;
  const examine = (program: Program, u: Float64Array, t: number, i = 0): void => {
    if (interpreted++ < MOST_INTERPRETED) requireFinitePartials(program, { u, p, t, i }, `at t = ${t}`, { cause });
  };
  savedTimes.forEach((t, s) => {
    const u = savedStates.data.subarray(s * n, (s + 1) * n);
    if (!screen.passesRhs(u, t)) examine(code.rhsProgram(), u, t);
    if (screen.passesLoss("integral", u, [t])) return;
    if (interpreted < MOST_INTERPRETED) requireFiniteLoss(loss.integral!.value, { u, p, t }, t);
    examine(loss.integral!.value, u, t);
  });
  if (!screen.passesLoss("final", final, [])) examine(loss.final!.value, final, problem.tspan[1]);
  // A solve may fail before its first step.
  if (!loss.sum || !dense!.steps) return;
  const u = new Float64Array(n);
  loss.times.forEach((t, k) => {
    dense!.interpolate(t, u);
    if (!screen.passesLoss("sum", u, [t, loss.indices[k]])) examine(loss.sum!.value, u, t, loss.indices[k]);
  });
}
