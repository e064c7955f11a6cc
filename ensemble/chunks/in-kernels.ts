/** Trajectories by a kernel, many at once. */
import { ndarray } from "../../src/arrays/ndarray.ts";
import { unpack } from "../../src/arrays/pack.ts";
import { CannotBatch } from "../../src/core/errors.ts";
import type { OdeProblem } from "../../src/problem/problem.ts";
import { solveBatch } from "../../solvers/batch/solve-batch.ts";
import type { Able } from "./able.ts";
import type { Solved, Where } from "./solved.ts";
import type { Task } from "./task.ts";

/** Throws as `solveBatch` does. */
export async function inKernels(problem: OdeProblem, task: Task, { places, rows }: Able, where: Where): Promise<Solved> {
  const { members, times, settings } = task;
  const { base } = members;
  const { layout } = problem;
  const count = places.length;
  if (rows.tspan) throw new CannotBatch("The time spans differ between trajectories.");
  const ofRows = (data: Float64Array) => ndarray(data, [count, data.length / count]);
  const shared = base.u0 ?? undefined;
  // Rows of something tell how many there are.
  const alike = !rows.u0 && !rows.p && repeated(shared ?? base.p, count);
  const u0 = rows.u0 ?? (shared && alike ? alike : undefined);
  const p = rows.p ?? (!shared && alike ? alike : undefined);
  const batch = await solveBatch(problem, {
    ...settings,
    ...(u0 ? { u0: ofRows(u0) } : shared && { u0: unpack(layout.u, shared) }),
    p: p ? ofRows(p) : unpack(layout.p, base.p),
    tspan: base.tspan,
    saveat: times,
    ...where,
  });
  return {
    states: batch.u.data as Float64Array,
    outcomes: batch.outcomes,
    ends: batch.ends,
    steps: sum(batch.steps),
    rejections: sum(batch.rejections),
    device: batch.device,
    precision: batch.precision,
    warnings: batch.warnings,
  };
}

function repeated(row: Float64Array, count: number): Float64Array {
  const rows = new Float64Array(count * row.length);
  for (let m = 0; m < count; m++) rows.set(row, m * row.length);
  return rows;
}

function sum(numbers: Float64Array): number {
  return numbers.reduce((all, x) => all + x, 0);
}
