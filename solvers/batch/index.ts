export { solveBatch, type BatchSolution, type SolveBatchOptions } from "./solve-batch.ts";
export { batchStatistics, type BatchStatistics } from "./statistics.ts";
