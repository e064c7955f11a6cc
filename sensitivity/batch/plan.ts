/** How the derivatives of a batch are computed, and why so. */
import { isExplicit } from "../../solvers/families/explicit/family.ts";
import type { Method } from "../../solvers/step/method.ts";
import type { Loss, OdeProblem } from "../../src/problem/problem.ts";

export interface BatchPlan {
  /** "lanes" (adjoint "discrete" or "dual"): many trajectories at once, by a kernel; "one by one": each as `gradient` does it, on the processor. */
  readonly way: "lanes" | "one by one";
  /** The adjoint method; of trajectories one by one that of the first. */
  readonly adjoint: string;
  readonly because: string;
}

/** Why trajectories have to be differentiated one by one; undefined where nothing that is known of the problem and the loss asks for it. */
export function reasonOf({ events, code }: OdeProblem, { integral }: Loss, solver: Method | undefined): string | undefined {
  if (events?.length) return "the problem has events";
  if (code.implicitBy !== undefined) return `the problem ${code.implicitBy}`;
  if (solver && !isExplicit(solver)) return `${solver.name} takes other steps than explicit ones`;
  return integral === undefined ? undefined : "the loss has an integral";
}

export function byLanes({ name }: Method): BatchPlan {
  return { way: "lanes", adjoint: "discrete", because: `the steps of ${name} are taken back in the kernel that takes them` };
}

export function byDuals(reason: string): BatchPlan {
  return {
    way: "lanes",
    adjoint: "dual",
    because: `${reason}, and there are few derivatives, which are carried along in the kernel`,
  };
}

export function oneByOnePlan(reason: string, adjoint: string): BatchPlan {
  return { way: "one by one", adjoint, because: `${reason}, which the kernels of gradients do not know` };
}
