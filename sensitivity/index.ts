/** Derivatives through the solve. */
export { gradient, type GradientOptions, type Gradient, type WithRespectTo } from "./gradient.ts";
export { Plan } from "./choose.ts";
export type { CheckReport } from "./check.ts";
export { differentiable, type DifferentiableOptions } from "./differentiable.ts";
export { derivative, gradientOf, hessian, hessianVectorProduct, jacobian, jvp, vjp, type OperatorOptions } from "./operators.ts";
