/** Which method solves the adjoint equations. */
import { dop853 } from "../../../solvers/methods/dop853.ts";
import { rodas5P } from "../../../solvers/methods/rodas5p.ts";
import type { Method } from "../../../solvers/step/method.ts";
import type { UnplannedTask } from "../../task/task.ts";

/**
 * The one that was asked for, or else that by which the forward solve reached the end. But methods that iterate have error estimates
 * which let the stages be iterated, and stiff components decay, within long steps; the integrals of those components, which a gradient by
 * parameters is, are not in the estimate. The adjoint equations are linear, so the stages of Rodas5P need no iterations, and its steps
 * resolve what decays. Positions and velocities have an adjoint equation that is neither's. Products that a matrix-free method goes forward by are those of the right-hand side, which the adjoint equations are not.
 */
export function backwardMethod({ backward: { solver } }: Pick<UnplannedTask, "backward">, forward: Method): Method {
  if (solver) return solver;
  if (forward.family.alternates) return dop853();
  const goesOn = forward.dt !== undefined || !(forward.family.iterates || forward.linearSolver);
  return goesOn ? forward : rodas5P();
}

/** What is to be said of a method that was asked for. */
export function backwardWarnings({ backward: { solver } }: Pick<UnplannedTask, "backward">): string[] {
  if (!solver?.family.iterates || solver.dt !== undefined) return [];
  return [
    `The backward solve is by ${solver.name}, as asked for, whose error estimate may not see what decays within its steps: of a stiff ` +
      "problem the gradient may be wrong. Without `backward.solver` it is by rodas5P.",
  ];
}
