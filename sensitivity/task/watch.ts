/** What looks on along the solves of a task: at the right-hand side, its derivatives, and the integrand of the loss. */
import type { Watch } from "../../solvers/step-loop/taken-steps.ts";
import { agreementAlong } from "../../solvers/systems/agreement.ts";
import { vjpWatch } from "./vjp-agreement.ts";
import { integrandWatch } from "../losses/agreement.ts";
import type { UnplannedTask } from "./task.ts";

export function watchOf(task: UnplannedTask): Watch | undefined {
  const all = [
    agreementAlong(task.code, task.p, task.target, { u0: task.u0, t0: task.problem.tspan[0] }),
    vjpWatch(task),
    integrandWatch(task),
  ];
  const watches = all.filter((watch) => watch !== undefined);
  if (watches.length <= 1) return watches[0];
  return {
    observe: (steps) => watches.forEach((watch) => watch.observe(steps)),
    finish: (t, state) => watches.forEach((watch) => watch.finish(t, state)),
  };
}
