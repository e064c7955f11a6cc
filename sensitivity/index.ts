/** Derivatives through the solve. */
export { gradient, type GradientOptions, type Gradient } from "./gradient.ts";
export type { FailedGradient } from "./failed-gradient.ts";
export {
  hessian,
  hessianVectorProduct,
  type HessianOptions,
  type HessianVectorOptions,
  type HessianVectorProduct,
} from "./hessian.ts";
export type { Hessian } from "./second-order/result.ts";
export type { ShapedJacobian } from "../src/problem/jacobian.ts";
export { sensitivities, type Sensitivities, type SensitivityOptions } from "./sensitivities.ts";
export { solveWithPullback, type Cotangents, type PullbackOptions, type SolutionWithPullback } from "./pullback.ts";
export type { DerivativeOptions } from "./task/options.ts";
export type { ShapedGradient, WithRespectTo, Wrt } from "./task/shaped-gradient.ts";
export type { AdjointName } from "./adjoints/index.ts";
export type { VjpName } from "./vjp/backends/index.ts";
export type { GradientProgress } from "./task/progress.ts";
export { explain } from "./explain.ts";
export type { Decision, Known, Plan } from "./planner/plan.ts";
export type { CheckReport } from "./task/vjp-agreement.ts";
export { checkGradient } from "./check-gradient.ts";
export type { GradientCheckRow, GradientReport } from "./check/report.ts";
export { differentiable, type DifferentiableOptions } from "./vjp/operators/differentiable.ts";
export { derivative, gradientOf, jacobian, jvp, vjp, type OperatorOptions } from "./vjp/operators/operators.ts";
export { gradientBatch, type BatchGradient, type GradientBatchOptions } from "./gradient-batch.ts";
export type { BatchPlan } from "./batch/plan.ts";
export { fromSteadyState, type SteadyStartOptions } from "./steady-start/from-steady-state.ts";
