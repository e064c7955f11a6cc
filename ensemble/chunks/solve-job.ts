/** The job of one chunk of solves. */
import type { OdeProblem } from "../../src/problem/problem.ts";
import { drawnRows } from "../members/rows.ts";
import { added, begun } from "../reducers/checked.ts";
import { ableOf, failuresOf } from "./able.ts";
import { indexIn, type Chunk, type ChunkResult } from "./chunk.ts";
import { inKernels } from "./in-kernels.ts";
import { inTurns } from "./in-turns.ts";
import { inKernelsElse } from "./methods.ts";
import { savedOf } from "./saved.ts";
import type { Where } from "./solved.ts";
import type { Task } from "./task.ts";

/**
 * Solves the trajectories of a chunk, and reduces those that succeeded in their order. It is done in kernels of a batch; what these cannot do
 * is solved one by one, and `oneByOne` of the result says why.
 */
export async function solveChunk(problem: OdeProblem, task: Task, chunk: Chunk, where: Where = {}): Promise<ChunkResult> {
  const { times, reducers } = task;
  const { index, first, count } = chunk;
  const able = ableOf(
    problem,
    task,
    chunk.rows ?? drawnRows(problem, task.members, { count: chunk.count, indexOf: indexIn(chunk) }),
    count,
  );
  const { done, oneByOne } = await inKernelsElse(
    { task, able, where },
    () => inKernels(problem, task, chunk, able, where),
    () => inTurns(problem, task, chunk, able, where),
  );
  const saved = savedOf(problem, task);
  const n = saved.names.length;
  const width = times.length * n;
  const parts = reducers && begun(reducers, saved);
  const { places } = able;
  const states = reducers ? undefined : inPlaces(done.states, places, count, width);
  let endedEarly = 0;
  for (let k = 0; k < places.length; k++) {
    if (done.outcomeOf(k) !== "success") continue;
    const end = (k + 1) * width;
    if (Number.isNaN(done.states[end - n])) endedEarly++;
    if (parts) added(reducers!, parts, done.states.subarray(k * width, end), first + places[k]);
  }
  const failures = failuresOf(task, chunk, able, done);
  const { steps, rejections, solvedAgain, device, precision, warnings } = done;
  return {
    chunk: index,
    ...(states && { states }),
    ...(parts && { parts }),
    failures,
    succeeded: count - failures.length,
    endedEarly,
    ownSpans: able.rows.tspan !== undefined,
    steps,
    rejections,
    solvedAgain,
    ...(oneByOne !== undefined && { oneByOne }),
    device,
    precision,
    warnings,
  };
}

/** States of all trajectories of a chunk: NaN of those that are none of these. */
function inPlaces(states: Float64Array, places: Uint32Array, count: number, width: number): Float64Array {
  if (places.length === count) return states;
  const all = new Float64Array(count * width).fill(NaN);
  places.forEach((place, k) => all.set(states.subarray(k * width, (k + 1) * width), place * width));
  return all;
}
