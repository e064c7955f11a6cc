/**
 * The public face of odegrad.
 * @module odegrad
 */
export * from "./ensemble/index.ts";
export * from "./ensemble/members/errors.ts";
export * from "./ensemble/reducers/errors.ts";
export * from "./sensitivity/index.ts";
export * from "./solvers/index.ts";
export * from "./src/operations/plain-operations.ts";
export * from "./src/devices/index.ts";
export { NdArray, ndarray } from "./src/arrays/ndarray.ts";
export { flatten, unflatten } from "./src/arrays/flatten.ts";
export * from "./src/core/errors.ts";
export * from "./src/read/syntax/errors.ts";
export * from "./src/problem/errors.ts";
export * from "./src/tape/numbers/errors.ts";
export * from "./src/devices/errors.ts";
export * from "./src/workers/errors.ts";
export * from "./solvers/step/errors.ts";
export * from "./solvers/solution/errors.ts";
export * from "./solvers/systems/errors.ts";
export * from "./sensitivity/vjp/errors.ts";
export * from "./sensitivity/losses/errors.ts";
export * from "./sensitivity/task/errors.ts";
export * from "./training/data/errors.ts";
export * from "./training/files/errors.ts";
export * from "./training/layers/errors.ts";
export * from "./training/sindy/errors.ts";
export * from "./training/objective/errors.ts";
export * from "./training/optimisers/errors.ts";
export * from "./training/parameters/errors.ts";
export { implicit, type ImplicitSpec } from "./src/problem/implicit.ts";
export * from "./worker/index.ts";
export { adam, type AdamOptions } from "./training/optimisers/adam.ts";
export { daeProblem } from "./src/problem/dae-problem.ts";
export {
  odeProblem,
  remake,
  type Changes,
  type Loss,
  type DaeProblemSpec,
  type InitialState,
  type OdeProblem,
  type OdeProblemSpec,
} from "./src/problem/problem.ts";
export {
  periodic,
  type Events,
  type Periods,
  type ProblemEvent,
  type StateEvent,
  type TimedEvent,
} from "./src/problem/events.ts";
export type { Halves, Preconditioner, Series, StiffParts } from "./src/problem/problem.ts";
export type { MassMatrixSpec } from "./src/problem/mass-matrix.ts";
