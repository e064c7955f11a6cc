/** What the forward solve of a task is told of its steps: what the user says, and the times of switching that its functions show. */
import type { Crossing } from "../../src/analysis/switching/crossings.ts";
import type { StepOptions } from "../../solvers/step-options.ts";
import { crossingsIn, crossingsOf, longestStep, stopTimes } from "../../solvers/events/switching.ts";
import type { UnplannedTask } from "./task.ts";

/** Of the right-hand side and of the loss's integrand, in the order of the solve. Throws TooManySwitches. */
export function crossingsOfTask({ code, problem, p, loss }: UnplannedTask): readonly Crossing[] {
  const { tspan } = problem;
  const found = crossingsOf(code, p, tspan);
  const more = loss.integral ? crossingsIn(loss.integral.value, p, tspan) : [];
  if (more.length === 0) return found;
  const direction = Math.sign(tspan[1] - tspan[0]);
  return [...found, ...more].sort((a, b) => direction * (a.t - b.t));
}

/** The longest step, each way. */
export function longestStepOf({ steps, code, p, problem, loss }: UnplannedTask): number | undefined {
  return steps.maxStep ?? longestStep(code, p, problem.tspan, loss.integral?.value);
}

export function stepsOf(task: UnplannedTask): StepOptions {
  const { steps } = task;
  return { ...steps, maxStep: longestStepOf(task), stops: stopTimes(crossingsOfTask(task), steps.stops) };
}
