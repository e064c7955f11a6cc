/** Solving: methods and `solve`. */
export { bs3 } from "./explicit/bs3.ts";
export { dp5 } from "./explicit/dp5.ts";
export { euler } from "./explicit/euler.ts";
export { rk4 } from "./explicit/rk4.ts";
export { tsit5 } from "./explicit/tsit5.ts";
export { vern7 } from "./explicit/vern7.ts";
export { rodas4 } from "./rosenbrock/rodas4.ts";
export { rodas5P } from "./rosenbrock/rodas5p.ts";
export { rosenbrock23 } from "./rosenbrock/rosenbrock23.ts";
export type { ExplicitMethod, Method, RosenbrockMethod } from "./method.ts";
export { methodNamed, methods, type MethodName } from "./methods.ts";
export type { Progress } from "./integrate.ts";
export { Solution, type SolutionStatistics } from "./solution.ts";
export { solve, type SolveOptions } from "./solve.ts";
export type { StepOptions } from "./step-options.ts";
export * from "./batch/index.ts";
