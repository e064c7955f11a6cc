/** Fitting models to data. */
export { adam, type AdamOptions, type Optimiser as Descent } from "./optimisers/adam.ts";
export { observations, type Observable, type Observations, type ObservationsSpec } from "./data/observations.ts";
export type { NoiseName } from "./data/noise.ts";
export { fit, type FitOptions, type FitProgress } from "./fit.ts";
export { Fit, type FittedParameter } from "./judge/fit-result.ts";
export type { FitResidual } from "./objective/fit-residual.ts";
export { levenbergMarquardt } from "./optimisers/levenberg-marquardt.ts";
export { lbfgs, type LbfgsOptions } from "./optimisers/lbfgs.ts";
export type { Evaluation, Iterate, LeastSquares, Objective, Optimiser } from "./optimisers/optimiser.ts";
export type { Parameters, ParameterSpec } from "./parameters/free.ts";
export type { ScaleName } from "./parameters/scale.ts";
export * from "./data/errors.ts";
export * from "./objective/errors.ts";
export * from "./optimisers/errors.ts";
export * from "./parameters/errors.ts";
export * from "./errors.ts";
