/** The forward solve of a task, as every method asks for it. */
import type { Branches } from "../../src/analysis/switching/branches.ts";
import type { integrateWith } from "../../solvers/solve/auto.ts";
import type { IntegrationRequest } from "../../solvers/step-loop/request.ts";
import { settledRequest } from "../../solvers/systems/settling.ts";
import { withPrepared } from "../../solvers/systems/problem-system.ts";
import { comparedEvents } from "./events.ts";
import { watchOf } from "./watch.ts";
import type { UnplannedTask } from "./task.ts";
import { stepsOf } from "./steps.ts";

/** Gives `integrateWith` prepared solvers of the problem; `branches`: of decisions that are held. */
export function preparedFor(
  { code, problem, u0, p, target }: UnplannedTask,
  branches?: Branches,
): Parameters<typeof integrateWith>[0] {
  return (method, use) => withPrepared(code, { u0, p, tspan: problem.tspan }, method, target, use, branches);
}

/** What every forward solve of the task has in common; `branches`: of decisions that are held. */
export function requestOf(task: UnplannedTask, branches?: Branches): IntegrationRequest {
  const { problem, code, u0, p, rtol, atol, maxSteps, signal, deadline, target } = task;
  const [t0, t1] = problem.tspan;
  const [events, watch] = [comparedEvents(task), watchOf(task)];
  const request = { u0, p, t0, t1, rtol, atol, maxSteps, signal, deadline, ...stepsOf(task), events, watch };
  return settledRequest({ ...problem, code }, request, target, branches);
}
