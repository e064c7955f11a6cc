/** The error of a solve that carries more than the state and did not reach its end. */
import { integrateWith, type Integrated } from "../../../solvers/solve/auto.ts";
import { failureOf } from "../../../solvers/solution/failure.ts";
import { appliedLoss } from "../../losses/compiled.ts";
import { solveFailure } from "./solve-failure.ts";
import { preparedFor, requestOf } from "../../task/solve.ts";
import type { UnplannedTask } from "../../task/task.ts";
import type { ResultKind } from "../../../solvers/step-loop/trajectory.ts";
import { requireStateSolved } from "./state-failure.ts";

/** Results whose cause is not in what is carried. */
const CLEAR: ReadonlySet<ResultKind> = new Set(["aborted", "outOfTime", "tooManySteps"]);

/**
 * The failure of the state, where that fails alone too, and otherwise that of what is carried. `who` is the subject of the message, and
 * `nameOf` gives the names of the components behind those of the state.
 */
export function carriedFailure(
  task: UnplannedTask,
  { trajectory, solver }: Pick<Integrated, "trajectory" | "solver">,
  { who, nameOf, remedy }: { readonly who: string; readonly nameOf: (i: number) => string; readonly remedy: string },
): Error {
  const { code, p, u0 } = task;
  const n = u0.length;
  const { kind, t } = trajectory.result;
  const state = trajectory.leading(n, new Float64Array(0));
  if (trajectory.n === n || CLEAR.has(kind)) return failureOf(code, p, state, solver);
  requireStateSolved(task, { trajectory, solver }, n);
  const alone = integrateWith(preparedFor(task), task.solver, requestOf(task));
  if (alone.trajectory.result.kind !== "success") return failureOf(code, p, alone.trajectory, alone.solver);
  // Throws where it is the integrand that is not finite.
  appliedLoss(task).integrand(t, state.final);
  return solveFailure(who, trajectory, nameOf, remedy);
}
