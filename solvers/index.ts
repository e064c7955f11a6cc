/** Solving: methods and `solve`. */
export { bs3 } from "./methods/bs3.ts";
export { dp5 } from "./methods/dp5.ts";
export { euler } from "./methods/euler.ts";
export { rk4 } from "./methods/rk4.ts";
export { tsit5 } from "./methods/tsit5.ts";
export { vern7 } from "./methods/vern7.ts";
export { rodas4 } from "./methods/rodas4.ts";
export { rodas5P } from "./methods/rodas5p.ts";
export { rosenbrock23 } from "./methods/rosenbrock23.ts";
export type { ExplicitMethod } from "./families/explicit/tableau.ts";
export type { Family, Method } from "./step/method.ts";
export type { RosenbrockMethod } from "./families/rosenbrock/tableau.ts";
export { methodNamed, methods, type MethodName } from "./methods/index.ts";
export type { Progress } from "./step-loop/request.ts";
export { Solution, type SolutionStatistics } from "./solution/solution.ts";
export { solve, type SolveOptions } from "./solve.ts";
export type { StepOptions } from "./step-options.ts";
export * from "./batch/index.ts";
