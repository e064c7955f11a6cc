/** Trajectories one by one, as `solve` does them: every method, events, mass matrices, functions that no kernel can run. */
import type { OdeProblem } from "../../src/problem/problem.ts";
import { failureOf, type FailureReason } from "../../sensitivity/batch/failure-of.ts";
import type { Warning } from "../../solvers/batch/warning.ts";
import { Turns } from "../../src/devices/turns.ts";
import { solve } from "../../solvers/solve/solve.ts";
import type { Able } from "./able.ts";
import type { Chunk } from "./chunk.ts";
import { oneOf } from "./given.ts";
import { savedOf } from "./saved.ts";
import type { Solved, Where } from "./solved.ts";
import type { Task } from "./task.ts";

/** One that fails disturbs no other. Throws what is no failure of a trajectory. */
export async function inTurns(
  problem: OdeProblem,
  task: Task,
  chunk: Chunk,
  able: Able,
  { onProgress, signal, throwing }: Where,
): Promise<Solved> {
  const { times, atEnd, save } = task;
  const { precision: _ofKernels, ...settings } = task.settings;
  const n = savedOf(problem, task).names.length;
  const count = able.places.length;
  const states = new Float64Array(count * times.length * n).fill(NaN);
  const outcomes: ("success" | FailureReason)[] = [];
  const ends = new Float64Array(count);
  const warnings = new Map<string, Warning>();
  let [steps, rejections] = [0, 0];
  const turns = new Turns(signal, onProgress);
  for (let k = 0; k < count; k++) {
    const given = oneOf(problem, task, able, k);
    try {
      const solution = solve(problem, {
        ...settings,
        ...given,
        saveat: atEnd ? [given.tspan[1]] : times,
        ...(save && { save }),
        throwOnFailure: false,
        signal,
      });
      signal?.throwIfAborted();
      solution.states.slice(0, times.length).forEach((state, j) => states.set(state, (k * times.length + j) * n));
      outcomes.push(solution.result as "success" | FailureReason);
      ends[k] = solution.end;
      steps += solution.stats.steps;
      rejections += solution.stats.rejected;
      const trajectory = chunk.first + able.places[k];
      for (const message of solution.warnings) if (!warnings.has(message)) warnings.set(message, { message, trajectory });
    } catch (error) {
      signal?.throwIfAborted();
      if (throwing) throw error;
      const [reason, end] = failureOf(error, given.tspan);
      outcomes.push(reason);
      ends[k] = end;
    }
    if (turns.isOver) await turns.end(k + 1);
  }
  const ended = { outcomeOf: (k: number) => outcomes[k], endOf: (k: number) => ends[k] };
  return {
    states,
    ...ended,
    steps,
    rejections,
    solvedAgain: 0,
    device: "cpu",
    precision: "f64",
    warnings: [...warnings.values()],
  };
}
