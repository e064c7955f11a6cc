/**
 * Fitting models to data.
 * @module odegrad/training
 */
export { adam, adamW, type AdamOptions, type AdamWOptions } from "./optimisers/adam.ts";
export type { FirstOrder, FirstOrderOptions } from "./optimisers/first-order.ts";
export { chain, skip, type ChainParameters } from "./layers/chain.ts";
export { dense, type DenseOptions, type DenseParameters, type WeightParameters } from "./layers/dense.ts";
export { layerNorm, type LayerNormOptions, type LayerNormParameters } from "./layers/layer-norm.ts";
export { gelu, rbf, swish } from "./layers/activations.ts";
export type { Activation, AnyLayer, Layer } from "./layers/layer.ts";
export type { InitialisationName } from "./layers/initialisation.ts";
export {
  monomials,
  trigonometric,
  type Candidate,
  type CandidateFunction,
  type Library,
  type MonomialOptions,
} from "./sindy/library.ts";
export { sindy, type SindyOptions, type SindySamples } from "./sindy/sindy.ts";
export { Law, type LawParameters, type LawTerm } from "./sindy/law.ts";
export { fromJson, toJson } from "./files/json.ts";
export { fromNpz, toNpz } from "./files/npz.ts";
export {
  cosineDecay,
  exponentialDecay,
  warmUp,
  type CosineDecayOptions,
  type ExponentialDecayOptions,
  type Schedule,
} from "./optimisers/schedules.ts";
export { train, type Trained, type TrainingProgress, type TrainOptions } from "./train.ts";
export type { Checkpoint } from "./checkpoints/checkpoint.ts";
export { multipleShooting, type MultipleShootingOptions, type ShootingFit } from "./shooting/multiple-shooting.ts";
export { inTurn, type Stage } from "./optimisers/in-turn.ts";
export { lion, type LionOptions } from "./optimisers/lion.ts";
export { holdOut, type HeldOut, type HoldOutOptions } from "./held-out/hold-out.ts";
export { observations, type Observable, type Observations, type ObservationsSpec } from "./data/observations.ts";
export { fromCsv, type CsvData, type CsvOptions } from "./data/csv.ts";
export type { CsvText } from "./data/csv-records.ts";
export type { NoiseName } from "./data/noise.ts";
export { fit, type FitOptions } from "./fit.ts";
export { multiStart, type MultiStartOptions, type MultiStartProgress } from "./multi-start.ts";
export { Starts, type StartedFit } from "./starts/starts.ts";
export type { StartRange } from "./starts/ranges.ts";
export { profile, type ProfileOptions, type ProfileProgress } from "./profile.ts";
export { Profiles, type Profile, type ProfilePoint } from "./profiles/profiles.ts";
export type { PathEnd } from "./profiles/path.ts";
export { predict, type PredictOptions } from "./predict.ts";
export { Predictions, type Band } from "./predicted/bands.ts";
export type { SeriesNoise } from "./objective/series-noise.ts";
export { fitMany, type FitManyOptions } from "./fit-many.ts";
export type { IndividualParameters, IndividualSpec } from "./population/freedom.ts";
export { PopulationFit, type FittedIndividual, type PopulationParameter } from "./population/population-fit.ts";
export type { FitProgress } from "./optimisers/minimise.ts";
export { collocate, type CollocateOptions, type Collocation } from "./collocation/collocate.ts";
export { fitDerivatives, type DerivativeFit, type FitDerivativesOptions } from "./collocation/fit-derivatives.ts";
export type { KernelName } from "./collocation/smoother.ts";
export { Fit, type FittedParameter } from "./judge/fit-result.ts";
export type { FitResidual } from "./objective/fit-residual.ts";
export { trustRegion } from "./optimisers/trust-region.ts";
export { levenbergMarquardt } from "./optimisers/levenberg-marquardt.ts";
export { lbfgs, type LbfgsOptions } from "./optimisers/lbfgs.ts";
export type { Evaluation, Iterate, LeastSquares, Objective, Optimiser } from "./optimisers/optimiser.ts";
export { PosteriorDraws, type Summary } from "./sampler/posterior-draws.ts";
export { sample, type SampleOptions, type SampleProgress } from "./sample.ts";
export type { PriorSpec } from "./parameters/prior.ts";
export type { Parameters, ParameterSpec } from "./parameters/free.ts";
export type { ScaleName } from "./parameters/scale.ts";
export * from "./data/errors.ts";
export * from "./files/errors.ts";
export * from "./layers/errors.ts";
export * from "./sindy/errors.ts";
export * from "./objective/errors.ts";
export * from "./optimisers/errors.ts";
export * from "./parameters/errors.ts";
