/** The job of one chunk, in whichever process. */
import type { OdeProblem } from "../../src/problem/problem.ts";
import type { Chunk, ChunkResult } from "./chunk.ts";
import { solveChunk } from "./solve-job.ts";
import { gradientChunk } from "./gradient-job.ts";
import type { Where } from "./solved.ts";
import type { Task } from "./task.ts";

export function runChunk(problem: OdeProblem, task: Task, chunk: Chunk, where: Where = {}): Promise<ChunkResult> {
  return task.loss ? gradientChunk(problem, task.loss, task, chunk, where) : solveChunk(problem, task, chunk, where);
}
