/** What the continuous adjoint methods cost. */
import type { ContinuousAdjoint } from "./variant.ts";
import { EVALUATIONS } from "../../numerics/gauss-kronrod.ts";
import { forwardTime, lookUpTime, NUMBER, type Estimate, type TaskFacts } from "../shared/estimate.ts";

/**
 * Steps of the way back for one of the forward solve, and for a loss time, at which the way back ends and begins again.
 * Those of implicit methods vary widely: λ may have layers where the solution has none.
 */
const STEPS_BACK = { explicit: { step: 1, lossTime: 1 }, implicit: { step: 2, lossTime: 10 } };
/** Setting out, and beginning again at a loss time: a first step is looked for. */
const ONCE = 50_000;
const RESTART = 5000;
/** Quadrature nodes in a step of either solve. */
const NODES = { stepwise: 3, adaptive: EVALUATIONS, augmented: 0 };
/** Vectors of n in the record of a step that dense output keeps. */
const DENSE_RECORD = 5;
/** States kept at most by methods that do without dense output. */
const CHECKPOINTS = 64;

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
