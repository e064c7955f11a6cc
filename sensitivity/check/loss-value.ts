/** The loss alone, by a forward solve. */
import { appliedLoss } from "../losses/compiled.ts";
import { steadyLoss } from "../adjoints/steady/solved.ts";
import { lossOfAll } from "../losses/of-all.ts";
import { solveForward } from "../adjoints/continuous/forward-solve.ts";
import type { GradientTask } from "../task/task.ts";

/**
 * The value of the task's loss.
 *
 * @throws The kinds of SolveFailed, and BadLoss.
 */
export function lossValue(task: GradientTask): number {
  if (task.loss.steady) return steadyLoss(task).value;
  const n = task.u0.length;
  const loss = appliedLoss(task);
  // Next to a start where algebraic equations hold they hold for other values of what they determine.
  const settling = task.code.mass ? { ...task, problem: { ...task.problem, initialise: "algebraic" as const } } : task;
  const { trajectory, integral } = solveForward(settling, "none");
  if (task.loss.all) return lossOfAll(task, trajectory.savedStates.data, n).value;
  const [uBar, pBar] = [new Float64Array(n), new Float64Array(task.p.length)];
  const { data } = trajectory.savedStates;
  return task.loss.times.reduce(
    (sum, _, k) => sum + loss.summand(k, data.subarray(k * n, (k + 1) * n), uBar, pBar),
    integral + loss.final(trajectory.final, uBar, pBar),
  );
}
