/** The plan of a gradient, without computing it. */
import { capturedIn, capturedOf } from "../src/problem/captured.ts";
import { shownCaptured } from "../src/read/constants/captured-names.ts";
import { redoing } from "../src/read/misreading.ts";
import { checkOptions } from "../src/core/options/check.ts";
import { deadlineOf } from "../src/core/options/time-limit.ts";
import { holding, type Loss, type OdeProblem } from "../src/problem/problem.ts";
import { unreadWarnings } from "./diagnosis/unread.ts";
import { planOf } from "./planner/planner.ts";
import { gradientChecks, type GradientOptions } from "./gradient.ts";
import { explainSteady } from "./steady-gradient.ts";
import { withLoss } from "./losses/loss.ts";
import type { Plan } from "./planner/plan.ts";
import { switchesInTime } from "./switching/reported.ts";
import { withSpan, taskOf } from "./task/options.ts";

function capturedWords({ code }: OdeProblem, { of, integral, final, all, steady }: Loss): string[] {
  const functions = { ...capturedIn(code), ...capturedOf({ of, integral, final, all, steady }) };
  return [...new Set(Object.values(functions).flatMap(shownCaptured))];
}

/**
 * Tells the plan by which `gradient` with the same options computes: what was counted or known, what was chosen, what was rejected and
 * why, and about how long it takes. It solves forward for some steps, and computes no gradient.
 *
 * @param problem - The problem that would be differentiated.
 * @param options - What `gradient` would be given: the same object serves. Of it, `check` and `onProgress` change nothing.
 * @returns The plan, which prints itself.
 * @throws What `gradient` throws before it starts: ReadError, BadLoss, BadGradientOption, {@link MethodRefused} and
 * {@link BackendRefused}; and the kinds of SolveFailed.
 * @example
 * console.log(String(explain(problem, { loss: { final: (u) => u.prey } })));
 */
export function explain<U, P, C, L = unknown>(
  problem: OdeProblem<U, P, C>,
  options: GradientOptions<NoInfer<U>, NoInfer<P>, L>,
): Plan {
  return holding(problem, "explain", (held) => {
    checkOptions(options, gradientChecks, "explain");
    const deadline = deadlineOf(options);
    return redoing(held.code, () => {
      const spanned = withSpan(held as OdeProblem, options);
      return withLoss(options.loss as Loss, spanned, (loss) => {
        if (loss.steady) return explainSteady(spanned, options as GradientOptions, loss, deadline);
        const task = taskOf(spanned, options, loss, deadline);
        const { plan } = planOf(task, options);
        return plan
          .ranWith(plan.solver, [], switchesInTime(task), unreadWarnings(task))
          .capturing(capturedWords(spanned, options.loss as Loss));
      });
    });
  });
}
