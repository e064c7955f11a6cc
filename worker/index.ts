/**
 * Problems in workers.
 * @module odegrad/worker
 */
export { ThrownInWorker, WorkerLost } from "../src/workers/errors.ts";
export { WorkerAborted, WorkerClosed } from "./errors.ts";
export {
  inWorker,
  type WorkerGradient,
  type WorkerGradientOptions,
  type WorkerProblem,
  type WorkerSolution,
  type WorkerSolveOptions,
} from "./in-worker.ts";
export { serve } from "./serve.ts";
export { serveFit } from "./serve-fit.ts";
export type { WorkerConstructor, WorkerLike } from "../src/workers/worker-like.ts";
