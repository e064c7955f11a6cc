/** The options of a forward solve's steps: those of the user, and the times at which the task's functions switch. */
import type { Crossing } from "../../src/analysis/switching/crossings.ts";
import { highOrderBelow } from "../../solvers/solve/costs.ts";
import type { IntegrationRequest } from "../../solvers/step-loop/request.ts";
import type { StepSettings } from "../../solvers/solve/step-options.ts";
import { stepBounds, type StepBounds } from "../../solvers/events/step-bounds.ts";
import { crossingsIn, crossingsOf, stopTimes } from "../../solvers/events/switching.ts";
import { asRead } from "../losses/part.ts";
import type { UnplannedTask } from "./task.ts";

/**
 * The times at which the right-hand side and the loss's integrand switch, in the order of the solve.
 *
 * @throws TooManySwitches
 */
export function crossingsOfTask({ code, problem, p, loss }: UnplannedTask): readonly Crossing[] {
  const { tspan } = problem;
  const found = crossingsOf(code.asRead, p, tspan);
  const more = loss.integral ? crossingsIn(asRead(loss.integral).value, p, tspan) : [];
  if (more.length === 0) return found;
  const direction = Math.sign(tspan[1] - tspan[0]);
  return [...found, ...more].sort((a, b) => direction * (a.t - b.t));
}

/** How long the steps of the forward and of the backward solve may be, and where they end for what acts for a short time. */
export function boundsOf({ steps, code, p, problem, loss, solver }: UnplannedTask): StepBounds {
  const integrand = loss.integral && asRead(loss.integral).value;
  return stepBounds(code.asRead, p, problem.tspan, { integrand, maxStep: steps.maxStep, solver });
}

/** The options of the forward solve's steps. */
export function stepsOf(task: UnplannedTask): StepSettings & Pick<IntegrationRequest, "ends" | "highOrderBelow"> {
  const { steps, stateSwitches = [], loss } = task;
  const found = stateSwitches.length > 0 ? [...crossingsOfTask(task), ...stateSwitches] : crossingsOfTask(task);
  const tight = highOrderBelow(loss.integral !== undefined);
  return { ...steps, ...boundsOf(task), stops: stopTimes(found, steps.stops), highOrderBelow: tight };
}
