/** Estimates of what the continuous adjoint methods cost. */
import type { ContinuousAdjoint } from "./variant.ts";
import { EVALUATIONS } from "../../numerics/gauss-kronrod.ts";
import { forwardTime, lookUpTime, NUMBER, type Estimate, type TaskFacts } from "../shared/estimate.ts";

/**
 * The number of backward steps for each forward step, and for each time of the loss, at which the backward solve ends and begins again.
 * Those of implicit methods vary widely: λ may have layers where the solution has none.
 */
const STEPS_BACK = { explicit: { step: 1, lossTime: 1 }, implicit: { step: 2, lossTime: 10 } };
/** The nanoseconds of a backward solve besides its steps, and of beginning again at a time of the loss, where a first step is looked for. */
const ONCE = 50_000;
const RESTART = 5000;
/** The number of quadrature nodes in a step of either solve. */
const NODES = { stepwise: 3, adaptive: EVALUATIONS, augmented: 0 };
/** The number of vectors of n in the record of a step that dense output keeps. */
const DENSE_RECORD = 5;
/** The largest number of states kept by methods that do without dense output. */
const CHECKPOINTS = 64;

/** The estimate for a method. */
export function estimateOf({ states, integral }: ContinuousAdjoint, facts: TaskFacts): Estimate {
  const { n, np, steps, implicit, stages, lossTimes, cost } = facts;
  const { u, p } = cost.vjp;
  const lookUp = lookUpTime(facts);
  const back = implicit ? STEPS_BACK.implicit : STEPS_BACK.explicit;
  const stepsBack = steps * back.step + lossTimes * back.lossTime;
  const augmented = integral === "augmented" ? p + np : 0;
  const stage = u + augmented + (states === "backward" ? cost.rhs : lookUp);
  const quadrature = p > 0 ? (steps + stepsBack) * NODES[integral] * (p + 2 * lookUp) : 0;
  const again = states === "recomputed" ? steps * cost.step : 0;
  return {
    nanoseconds: forwardTime(facts) + again + stepsBack * (cost.step + stages * stage) + ONCE + lossTimes * RESTART + quadrature,
    bytes: NUMBER * n * (states === "dense" ? DENSE_RECORD * steps : CHECKPOINTS),
  };
}
