/** The estimate of what the discrete adjoint costs. */
import { numbersKept } from "./recorded-steps.ts";
import { forwardTime, NUMBER, type Estimate, type TaskFacts } from "../shared/estimate.ts";

/** The cost of a step's adjoint besides its calls, in steps: that of an implicit one has linear systems of its own. */
const STEP = { explicit: 0.3, implicit: 0.8 };
/** The cost of the second derivatives of an implicit step, in vjps. */
const IMPLICIT_STAGE = 2;
/** The nanoseconds of a sweep besides its steps. */
const ONCE = 10_000;
/** The nanoseconds of going back through the interpolant at a time of the loss. */
const LOSS_TIME = 20;
/** The number of times that a step is computed again where not all fit in memory. */
const AGAIN = 1.5;

/** The estimate. */
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
