/** Solutions with their derivatives along directions, at saved times, by dual numbers through the solver. */
import { leadingOf, Trajectory } from "../../../solvers/step-loop/trajectory.ts";
import { forwardProgress } from "../../task/progress.ts";
import { inChunks, type Direction } from "../shared/directions.ts";
import { requireLossTimes } from "../shared/end-times.ts";
import { dualSolver } from "./dual-solver.ts";
import type { ErrorControl } from "./dual-system.ts";
import type { GradientTask } from "../../task/task.ts";
import { addStatistics } from "../../../solvers/step-loop/statistics.ts";

/** A solution with its tangents. */
export interface Tangents {
  /** The solution at the times of the task's loss; its statistics count the work of all directions. */
  readonly trajectory: Trajectory;
  /** For each direction the derivatives of all saved states, n each. */
  readonly slopes: readonly Float64Array[];
  readonly solver: string;
}

/**
 * Solves as often as chunks of directions are needed; the solution is that of the first solve.
 *
 * @throws AdjointFailed
 */
export function tangentsAlong(task: GradientTask, directions: readonly Direction[], control: ErrorControl): Tangents {
  const n = task.u0.length;
  const { times } = task.loss;
  const trajectory = new Trajectory(n, false, new Float64Array(times.length * n));
  const slopes: Float64Array[] = [];
  let solver = "";
  const chunks = inChunks(directions);
  const dual = dualSolver(task, Math.max(1, chunks[0].length), control);
  for (const [c, chunk] of chunks.entries()) {
    const { integrated } = dual.solve(task, chunk, forwardProgress(task, c, chunks.length));
    requireLossTimes(task, integrated.trajectory);
    const { savedStates, statistics, result, seconds, sizes, jumps, conditions } = integrated.trajectory;
    const partAt = (save: number, part: number): Float64Array => {
      const start = save * dual.system.n + part * n;
      return savedStates.data.subarray(start, start + n);
    };
    if (c === 0) {
      times.forEach((t, s) => trajectory.save(t, partAt(s, 0)));
      trajectory.result = result;
      trajectory.sizes = sizes.leading(n);
      trajectory.conditions = conditions;
      trajectory.jumps.push(...jumps.map((jump) => leadingOf(jump, n)));
      solver = integrated.solver;
    }
    chunk.forEach((_, d) => {
      const slope = new Float64Array(times.length * n);
      times.forEach((_t, s) => slope.set(partAt(s, 1 + d), s * n));
      slopes.push(slope);
    });
    addStatistics(trajectory.statistics, statistics);
    trajectory.seconds += seconds;
  }
  return { trajectory, slopes, solver };
}
