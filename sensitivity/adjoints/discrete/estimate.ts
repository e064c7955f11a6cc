/** What the discrete adjoint costs. */
import { numbersKept } from "./recorded-steps.ts";
import { forwardTime, NUMBER, type Estimate, type TaskFacts } from "../shared/estimate.ts";

/** The adjoint of a step, besides what it calls, in steps: that of an implicit one has linear systems of its own. */
const STEP = { explicit: 0.3, implicit: 0.8 };
/** Second derivatives of an implicit step, in vjps. */
const IMPLICIT_STAGE = 2;
/** Setting out, and going back through the interpolant at a loss time. */
const ONCE = 10_000;
const LOSS_TIME = 20;
/** Steps that are computed again where they do not all fit in memory. */
const AGAIN = 1.5;

export function discreteEstimate(facts: TaskFacts): Estimate {
  const { n, implicit, stages, steps, lossTimes, cost, memoryBudget } = facts;
  const { u, p } = cost.vjp;
  const stage = (u + p) * (implicit ? IMPLICIT_STAGE : 1);
  const all = NUMBER * (2 + stages) * n * steps;
  const again = all > memoryBudget ? AGAIN * steps * cost.step : 0;
  return {
    nanoseconds:
      forwardTime({ ...facts, cost: { ...cost, step: cost.guarded } }) +
      again +
      steps * (STEP[implicit ? "implicit" : "explicit"] * cost.step + stages * stage) +
      lossTimes * LOSS_TIME +
      ONCE,
    bytes: Math.min(all + NUMBER * numbersKept(facts.factors) * steps, memoryBudget),
  };
}
