/** Trajectories by a kernel, many at once. */
import type { OdeProblem } from "../../src/problem/problem.ts";
import { outcomes, report, REPORTS } from "../../solvers/batch/told.ts";
import { solveRows } from "../../solvers/batch/solve-batch.ts";
import type { Able } from "./able.ts";
import type { Chunk } from "./chunk.ts";
import { batchOf } from "./given.ts";
import type { Solved, Where } from "./solved.ts";
import type { Task } from "./task.ts";

/** Throws as `solveBatch` does. */
export async function inKernels(problem: OdeProblem, task: Task, chunk: Chunk, able: Able, where: Where): Promise<Solved> {
  const { throwing: _ofTurns, ...ofBatch } = where;
  const saveat = task.atEnd ? {} : { saveat: task.times };
  const options = { ...task.settings, ...batchOf(problem, task, chunk, able), ...saveat, save: task.save, ...ofBatch };
  const { count, states, reports, solvedAgain, device, precision, warnings } = await solveRows(problem, options);
  const told = (k: number, name: keyof typeof report): number => reports[k * REPORTS + report[name]];
  let [steps, rejections] = [0, 0];
  for (let k = 0; k < count; k++) {
    steps += told(k, "steps");
    rejections += told(k, "rejections");
  }
  const ended = { outcomeOf: (k: number) => outcomes[told(k, "outcome")], endOf: (k: number) => told(k, "end") };
  return { states, ...ended, steps, rejections, solvedAgain, device, precision, warnings };
}
