/** What the forward solve of a task is told of its steps: what the user says, and the times of switching that its functions show. */
import type { Crossing } from "../../src/program/inspect/switching/crossings.ts";
import type { StepOptions } from "../../solvers/step-options.ts";
import { crossingsIn, crossingsOf, stopTimes } from "../../solvers/switching.ts";
import type { UnplannedTask } from "./method.ts";

/** Of the right-hand side and of the loss's integrand. Throws TooManySwitches. */
export function crossingsOfTask({ code, problem, p, loss }: UnplannedTask): readonly Crossing[] {
  const found = crossingsOf(code, p, problem.tspan);
  return loss.integral ? [...found, ...crossingsIn(loss.integral.value, p, problem.tspan)] : found;
}

export function stepsOf(task: UnplannedTask): StepOptions {
  const { steps } = task;
  return { ...steps, stops: stopTimes(crossingsOfTask(task), steps.stops) };
}
