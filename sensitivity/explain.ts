/** How a gradient would be computed. */
import type { Loss, OdeProblem } from "../src/problem.ts";
import { planOf } from "./choose.ts";
import type { GradientOptions } from "./gradient.ts";
import { lossPrograms } from "./loss.ts";
import type { Plan } from "./plan.ts";
import { taskOf } from "./task.ts";

/**
 * The plan by which `gradient` with the same options computes: what was measured or known, what was chosen, what was rejected
 * and why, and about how long it takes. It solves forward for some steps to measure, and computes no gradient.
 *
 * Throws as `gradient` does before it starts: ReadError, BadLoss, BadGradientOption, {@link MethodRefused},
 * {@link BackendRefused}; and the kinds of SolveFailed.
 */
export function explain<U, P, C, L = unknown>(
  problem: OdeProblem<U, P, C>,
  options: GradientOptions<NoInfer<U>, NoInfer<P>, L>,
): Plan {
  const task = taskOf(problem as OdeProblem, options, lossPrograms(options.loss as Loss, problem));
  return planOf(task, options).plan;
}
