/** Trajectories one by one, as `solve` does them: every method, events, mass matrices, functions that no kernel can run. */
import { unpack } from "../../src/arrays/pack.ts";
import { breathe } from "../../src/devices/device.ts";
import type { OdeProblem } from "../../src/problem/problem.ts";
import { solve } from "../../solvers/solve/solve.ts";
import type { Able } from "./able.ts";
import type { FailureReason } from "./chunk.ts";
import type { Solved, Where } from "./solved.ts";
import type { Task } from "./task.ts";

/** Milliseconds of work between turns of the event loop. */
const TURN = 50;

/** Throws as `solve` does, but for solves that fail. */
export async function inTurns(problem: OdeProblem, task: Task, { places, rows }: Able, where: Where): Promise<Solved> {
  const { members, times, settings } = task;
  const { precision: _ofKernels, ...rest } = settings;
  const { base } = members;
  const { layout } = problem;
  const n = layout.u.size;
  const count = places.length;
  const states = new Float64Array(count * times.length * n).fill(NaN);
  const outcomes: ("success" | FailureReason)[] = [];
  const ends = new Float64Array(count);
  const warnings = new Set<string>();
  let [steps, rejections] = [0, 0];
  let turn = performance.now();
  const rowOf = (data: Float64Array | undefined, k: number): Float64Array | undefined =>
    data?.slice((k * data.length) / count, ((k + 1) * data.length) / count);
  for (let k = 0; k < count; k++) {
    const u0 = rowOf(rows.u0, k) ?? base.u0;
    const [t0, t1] = rowOf(rows.tspan, k) ?? base.tspan;
    const solution = solve(problem, {
      ...rest,
      ...(u0 && { u0: unpack(layout.u, u0) }),
      p: unpack(layout.p, rowOf(rows.p, k) ?? base.p),
      tspan: [t0, t1],
      saveat: times,
      throwOnFailure: false,
      signal: where.signal,
    });
    if (solution.result === "aborted") where.signal?.throwIfAborted();
    solution.states.slice(0, times.length).forEach((state, j) => states.set(state, (k * times.length + j) * n));
    outcomes.push(solution.result as "success" | FailureReason);
    ends[k] = solution.end;
    steps += solution.stats.steps;
    rejections += solution.stats.rejected;
    for (const warning of solution.warnings) warnings.add(warning);
    if (performance.now() - turn < TURN) continue;
    await breathe(where.signal);
    where.onProgress?.(k + 1);
    turn = performance.now();
  }
  return { states, outcomes, ends, steps, rejections, device: "cpu", precision: "f64", warnings: [...warnings] };
}
