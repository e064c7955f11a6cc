/** The job of one chunk of a gradient: sums over those of its trajectories that succeeded. */
import type { Loss, OdeProblem } from "../../src/problem/problem.ts";
import { gradientRows, gradientsAlone, type BatchGradientRows } from "../../sensitivity/gradient-rows.ts";
import { drawnRows } from "../members/rows.ts";
import { ableOf, failuresOf, type Able } from "./able.ts";
import { indexIn, type Chunk, type ChunkResult } from "./chunk.ts";
import { batchOf, oneOf } from "./given.ts";
import { inKernelsElse } from "./methods.ts";
import type { Where } from "./solved.ts";
import type { Task } from "./task.ts";

/** Sums over trajectories. */
export interface Sums {
  /** Of the losses, [1]. */
  readonly value: Float64Array;
  /** Of the derivatives, flat. */
  readonly p: Float64Array;
  readonly u0: Float64Array;
}

type Differentiated = Omit<BatchGradientRows, "shared">;

/** `parts` of the result are {@link Sums}. */
export async function gradientChunk(
  problem: OdeProblem,
  loss: Loss,
  task: Task,
  chunk: Chunk,
  where: Where = {},
): Promise<ChunkResult> {
  const able = ableOf(
    problem,
    task,
    chunk.rows ?? drawnRows(problem, task.members, { count: chunk.count, indexOf: indexIn(chunk) }),
    chunk.count,
  );
  const { throwing, ...ofBatch } = where;
  const { done, oneByOne } = await inKernelsElse<Differentiated>(
    { task, able, where },
    () => gradientRows(problem, { ...task.settings, ...batchOf(problem, task, chunk, able), loss, ...ofBatch }, where.signal),
    () => inTurns(problem, loss, task, chunk, able, where),
  );
  if (throwing && done.thrown.length > 0) throw done.thrown[0];
  const { reasons, ends, plan, solvedAgain, device, precision, warnings } = done;
  const failures = failuresOf(task, chunk, able, { outcomeOf: (k) => reasons[k], endOf: (k) => ends[k] });
  const why = oneByOne ?? (plan.way === "one by one" ? plan.because : undefined);
  return {
    chunk: chunk.index,
    parts: { ...summed(problem, done) },
    failures,
    succeeded: chunk.count - failures.length,
    endedEarly: 0,
    steps: 0,
    rejections: 0,
    solvedAgain,
    ...(why !== undefined && { oneByOne: why }),
    device,
    precision,
    warnings,
  };
}

export function noSums({ layout }: OdeProblem): Sums {
  return { value: new Float64Array(1), p: new Float64Array(layout.p.size), u0: new Float64Array(layout.u.size) };
}

export function addSums(sums: Sums, others: Sums): void {
  for (const name of ["value", "p", "u0"] as const) others[name].forEach((x, i) => (sums[name][i] += x));
}

function summed(problem: OdeProblem, { value, p_bar, u0_bar, reasons }: Differentiated): Sums {
  const sums = noSums(problem);
  const add = (rows: Float64Array, sum: Float64Array, k: number): void => {
    for (let i = 0; i < sum.length; i++) sum[i] += rows[k * sum.length + i];
  };
  reasons.forEach((reason, k) => {
    if (reason !== "success") return;
    add(value, sums.value, k);
    add(p_bar, sums.p, k);
    add(u0_bar, sums.u0, k);
  });
  return sums;
}

/** What no batch takes. */
function inTurns(
  problem: OdeProblem,
  loss: Loss,
  task: Task,
  { first }: Chunk,
  able: Able,
  { onProgress, signal }: Where,
): Promise<Differentiated> {
  const { precision: _ofKernels, ...settings } = task.settings;
  const { places } = able;
  const members = {
    count: places.length,
    of: (k: number) => oneOf(problem, task, able, k),
    indexOf: (k: number) => first + places[k],
  };
  return gradientsAlone(problem, members, { ...settings, loss }, "batches do not take it", { onProgress, signal });
}
