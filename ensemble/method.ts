/** The method of an ensemble where none is asked for: by trajectories from all of it, so that all chunks have the same. */
import { statedRows } from "../solvers/batch/given-batch.ts";
import { methodOf, type MethodOfBatch } from "../solvers/batch/method.ts";
import { DEFAULT_TOLERANCE } from "../solvers/step-loop/tolerances.ts";
import type { OdeProblem } from "../src/problem/problem.ts";
import { ableOf } from "./chunks/able.ts";
import { batchOf } from "./chunks/given.ts";
import type { Task } from "./chunks/task.ts";
import type { MemberRows } from "./members/members.ts";
import type { Some } from "./members/rows.ts";

/** Trajectories that are drawn for it, evenly over all; a few of them are solved. */
const DRAWN = 1024;

/** `rowsOf`: what some trajectories begin with. Undefined where none of these can begin. */
export function methodOfAll(problem: OdeProblem, task: Task, rowsOf: (some: Some) => MemberRows): MethodOfBatch | undefined {
  const { trajectories } = task.members;
  const count = Math.min(trajectories, DRAWN);
  const indexOf = (m: number): number => (count === 1 ? 0 : Math.round((m * (trajectories - 1)) / (count - 1)));
  const able = ableOf(problem, task, rowsOf({ count, indexOf }), count);
  if (able.places.length === 0) return undefined;
  const batch = batchOf(problem, task, { index: 0, first: 0, count }, able);
  const rows = statedRows(problem, { ...batch, indexOf: (k) => indexOf(able.places[k]) });
  return methodOf(problem, undefined, task.settings.rtol ?? DEFAULT_TOLERANCE, rows);
}
