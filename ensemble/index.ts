/** Many trajectories by one call, however many. */
export { solveEnsemble, type EnsembleOptions, type EnsembleProgress, type EnsembleSolution } from "./solve-ensemble.ts";
export { gradientEnsemble, type EnsembleGradient, type GradientEnsembleOptions } from "./gradient-ensemble.ts";
export type { EnsemblePlan } from "./plan.ts";
export type { Failure } from "./chunks/chunk.ts";
export type { FailureReason } from "../sensitivity/batch/failure-of.ts";
export type { Distribution } from "./members/distributions.ts";
export type { Member, Partially, Vary } from "./members/members.ts";
export type { Reduced, Reducer, Reducers, Saved } from "./reducers/reducer.ts";
export { histogram, type Histogram, type HistogramOptions } from "./reducers/histogram.ts";
export { mean } from "./reducers/mean.ts";
export { quantiles } from "./reducers/quantiles.ts";
export { variance } from "./reducers/variance.ts";
