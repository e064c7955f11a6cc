/** What looks on along the solves of a task: at the right-hand side, and at the integrand of the loss. */
import { agreementAlong, type Watch } from "../solvers/agreement.ts";
import { integrandWatch } from "./loss-agreement.ts";
import type { UnplannedTask } from "./methods/method.ts";

export function watchOf(task: UnplannedTask): Watch | undefined {
  const ofRhs = agreementAlong(task.code, task.p, task.target);
  const ofIntegrand = integrandWatch(task);
  if (!ofIntegrand) return ofRhs;
  return {
    observe(steps) {
      ofRhs?.observe(steps);
      ofIntegrand.observe(steps);
    },
    finish: (t, state) => ofRhs?.finish(t, state),
  };
}
