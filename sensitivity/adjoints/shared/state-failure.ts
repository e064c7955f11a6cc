/** Failures of solves that carry derivatives, where the cause is in the state itself. */
import type { Integrated } from "../../../solvers/solve/auto.ts";
import { failureOf } from "../../../solvers/solution/failure.ts";
import { sceneOf, singularity } from "../../../solvers/solution/post-mortem.ts";
import type { UnplannedTask } from "../../task/task.ts";

/**
 * Requires that it is not the state itself, the first n components, that broke down.
 *
 * @throws SolveFailed
 */
export function requireStateSolved(
  { code, p }: UnplannedTask,
  { trajectory, solver }: Pick<Integrated, "trajectory" | "solver">,
  n: number,
): void {
  const state = trajectory.leading(n, new Float64Array(0));
  const { result } = state;
  const ofState = result.kind === "nonFiniteDerivative" && result.component !== undefined && result.component < n;
  if (ofState || (result.kind === "stepUnderflow" && singularity(sceneOf(code, p, state))))
    throw failureOf(code, p, state, solver);
}
