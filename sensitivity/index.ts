/** Derivatives through the solve. */
export { gradient, type GradientOptions, type Gradient } from "./gradient.ts";
export type { FailedGradient } from "./failed-gradient.ts";
export type { ShapedJacobian } from "../src/problem/jacobian.ts";
export { sensitivities, type Sensitivities, type SensitivityOptions } from "./sensitivities.ts";
export { solveWithPullback, type Cotangents, type PullbackOptions, type SolutionWithPullback } from "./pullback.ts";
export type { DerivativeOptions, WithRespectTo } from "./task.ts";
export type { GradientProgress } from "./progress.ts";
export { explain } from "./explain.ts";
export type { Decision, Known, Plan } from "./plan.ts";
export type { CheckReport } from "./check/modes.ts";
export { checkGradient } from "./check-gradient.ts";
export type { GradientCheckRow, GradientReport } from "./gradient-report.ts";
export { differentiable, type DifferentiableOptions } from "./differentiable.ts";
export { derivative, gradientOf, hessian, hessianVectorProduct, jacobian, jvp, vjp, type OperatorOptions } from "./operators.ts";
export { gradientBatch, type BatchGradient, type GradientBatchOptions } from "./batch/gradient-batch.ts";
