/** The job of one chunk, in whichever process. */
import { componentNames } from "../../src/arrays/layout.ts";
import type { OdeProblem } from "../../src/problem/problem.ts";
import { drawnRows } from "../members/rows.ts";
import { added, begun } from "../reducers/checked.ts";
import { ableOf } from "./able.ts";
import type { Chunk, ChunkResult, Failure } from "./chunk.ts";
import { solvedOf } from "./methods.ts";
import type { Where } from "./solved.ts";
import type { Task } from "./task.ts";

/**
 * Solves the trajectories of a chunk, and reduces those that succeeded in their order. It is done in kernels of a batch; what these cannot do
 * is solved one by one, and `oneByOne` of the result says why.
 */
export async function runChunk(problem: OdeProblem, task: Task, chunk: Chunk, where: Where = {}): Promise<ChunkResult> {
  const { members, times, reducers } = task;
  const { index, first, count } = chunk;
  const rows = chunk.rows ?? drawnRows(problem, members, chunk);
  const able = ableOf(rows, count);
  const { solved, oneByOne } = await solvedOf(problem, task, able, where);
  const { u } = problem.layout;
  const width = times.length * u.size;
  const failures: Failure[] = [];
  const parts = reducers && begun(reducers, { t: times, names: componentNames(u, "u") });
  const states = reducers ? undefined : new Float64Array(count * width).fill(NaN);
  let k = 0;
  for (let place = 0; place < count; place++) {
    const trajectory = first + place;
    if (able.places[k] !== place) {
      const t = rows.tspan ? rows.tspan[2 * place] : members.base.tspan[0];
      failures.push({ index: trajectory, reason: "badInput", t });
      continue;
    }
    const own = solved.states.subarray(k * width, (k + 1) * width);
    states?.set(own, place * width);
    const reason = solved.outcomes[k];
    if (reason !== "success") failures.push({ index: trajectory, reason, t: solved.ends[k] });
    else if (parts) added(reducers!, parts, own, trajectory);
    k++;
  }
  const { steps, rejections, device, precision, warnings } = solved;
  return {
    chunk: index,
    ...(states && { states }),
    ...(parts && { parts }),
    failures,
    succeeded: count - failures.length,
    steps,
    rejections,
    ...(oneByOne !== undefined && { oneByOne }),
    device,
    precision,
    warnings,
  };
}
