/**
 * What a small page solves and differentiates with: nothing is chosen by name, so that it loads only what it names. The solver, the adjoint
 * method and the backend of vector-Jacobian products are handed in.
 *
 * @example
 * import { discreteAdjoint, gradient, odeProblem, sourceVjp, tsit5 } from "odegrad/core";
 * gradient(problem, { loss, solver: tsit5(), adjoint: discreteAdjoint, vjp: sourceVjp });
 */
export { dualAdjoint } from "./dual.ts";
export { gaussAdjoint } from "./gauss.ts";
export { discreteMethod as discreteAdjoint } from "../sensitivity/adjoints/discrete/method.ts";
export { dual as dualVjp } from "../sensitivity/vjp/backends/dual.ts";
export { source as sourceVjp } from "../sensitivity/vjp/backends/source.ts";
export { NotInCore, OdegradError } from "../src/core/errors.ts";
export { flatten, unflatten } from "../src/arrays/flatten.ts";
export { NdArray, ndarray } from "../src/arrays/ndarray.ts";
export * from "../src/operations/plain-operations.ts";
export { periodic } from "../src/problem/events.ts";
export { odeProblem, remake, type Loss, type OdeProblem, type OdeProblemSpec } from "../src/problem/problem.ts";
export { gradient, type Gradient, type GradientOptions } from "../sensitivity/gradient.ts";
export { solveWithPullback, type PullbackOptions, type SolutionWithPullback } from "../sensitivity/pullback.ts";
export * from "./methods.ts";
export { Solution } from "../solvers/solution/solution.ts";
export { solve, type SolveOptions } from "../solvers/solve/solve.ts";
