export { solveBatch, type BatchSolution, type SolveBatchOptions } from "./solve-batch.ts";
