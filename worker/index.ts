/**
 * Problems in workers.
 * @module odegrad/worker
 */
export { ThrownInWorker, WorkerAborted, WorkerClosed, WorkerLost } from "./errors.ts";
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
export type { WorkerConstructor, WorkerLike } from "../src/devices/worker-like.ts";
