/** The public face of odegrad. */
export * from "./sensitivity/index.ts";
export * from "./solvers/index.ts";
export * from "./src/arrays/index.ts";
export * from "./src/batch/index.ts";
export { NdArray, ndarray } from "./src/arrays/ndarray.ts";
export * from "./src/errors.ts";
export { implicit, type ImplicitSpec } from "./src/implicit.ts";
export * from "./worker/index.ts";
export { adam, type AdamOptions, type Optimiser } from "./training/adam.ts";
export { odeProblem, remake, type Changes, type Events, type Loss, type OdeProblem, type OdeProblemSpec } from "./src/problem.ts";
