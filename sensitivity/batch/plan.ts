/** How the derivatives of a batch are computed, and why so. */
import { decisionOnTime, jumpOnState } from "../../src/analysis/switching/jumps.ts";
import type { Let } from "../../src/ir/ir.ts";
import { written } from "../../solvers/events/switches.ts";
import { isExplicit } from "../../solvers/families/explicit/family.ts";
import { isRosenbrock } from "../../solvers/families/rosenbrock/family.ts";
import type { Method } from "../../solvers/step/method.ts";
import { systemOf } from "../../solvers/systems/problem-system.ts";
import type { ProblemCode } from "../../src/problem/code.ts";
import type { Loss, OdeProblem } from "../../src/problem/problem.ts";
import type { LossPart } from "../losses/part.ts";

export interface BatchPlan {
  /** "lanes" (adjoint "discrete" or "dual"): many trajectories at once, by a kernel; "one by one": each as `gradient` does it, on the processor. */
  readonly way: "lanes" | "one by one";
  /** The adjoint method; of trajectories one by one that of the first. */
  readonly adjoint: string;
  readonly because: string;
}

/**
 * Why trajectories have to be differentiated one by one; undefined where nothing that is known of the problem asks for it. Whether the right-hand side may
 * jump is read in it, as any of the trajectories may be the one that comes to where it does.
 */
export function refusalOfKernels({ code, name }: OdeProblem, solver: Method | undefined): string | undefined {
  if (code.implicitBy !== undefined) return `the problem ${code.implicitBy}, which the kernels of gradients do not know`;
  if (solver && !goesBackOver(solver, code)) return otherSteps(solver);
  const jump = systemOf(code) && jumpOnState(code.rhsProgram());
  return (
    jump && `the right-hand side may jump where ${textOf(jump, name)} switches, which is followed in each trajectory by itself`
  );
}

/** Components of states whose Rosenbrock steps are taken back in kernels: with a tangent they are as many as kernels take implicit steps for. */
const MOST_IMPLICIT = 8;

/** Whether the kernels of gradients go back over the steps of a method. */
export function goesBackOver(method: Method, { layout, mass }: ProblemCode): boolean {
  return isExplicit(method) || (isRosenbrock(method) && !mass && layout.u.size <= MOST_IMPLICIT);
}

export function otherSteps({ name }: Method): string {
  const known = `explicit ones and those of Rosenbrock methods (of up to ${MOST_IMPLICIT} components, without a mass matrix, on the processor)`;
  return `${name} takes other steps than ${known}, which the kernels of gradients do not go back over`;
}

/** Why the integrand of a loss is for no kernel: it may jump, or decides on the time, where no kernel stops for it. */
export function refusalOfIntegrand({ value }: LossPart): string | undefined {
  const jump = jumpOnState(value) ?? decisionOnTime(value);
  return jump && `its integrand switches by ${textOf(jump, "loss.integral")}, which is followed in each trajectory by itself`;
}

function textOf({ source }: Let, name: string): string {
  return `\`${written(source, name).text}\``;
}

/** Why derivatives are not taken back over the steps of a kernel, but may be carried along. */
export function reasonOfDuals({ events }: OdeProblem, { integral }: Loss): string | undefined {
  if (events?.length) return "the problem has events";
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

export function oneByOnePlan(because: string, adjoint: string): BatchPlan {
  return { way: "one by one", adjoint, because };
}
