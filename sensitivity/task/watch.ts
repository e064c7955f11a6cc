/** Comparisons along the solves of a task: of the right-hand side, of its derivatives, and of the integrand of the loss. */
import type { Watch } from "../../solvers/step-loop/taken-steps.ts";
import { agreementAlong } from "../../solvers/systems/agreement.ts";
import { vjpWatch } from "./vjp-agreement.ts";
import { integrandWatch } from "../losses/agreement.ts";
import type { UnplannedTask } from "./task.ts";

/** All comparisons in one, or undefined where there are none. */
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
