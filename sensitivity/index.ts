/** Derivatives through the solve. */
export { gradient, type GradientOptions, type Gradient, type WithRespectTo } from "./gradient.ts";
export { Plan } from "./choose.ts";
export type { CheckReport } from "./check.ts";
