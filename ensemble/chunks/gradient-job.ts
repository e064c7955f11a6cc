/** The job of one chunk of a gradient: sums over those of its trajectories that succeeded. */
import type { NdArray } from "../../src/arrays/ndarray.ts";
import { pack } from "../../src/arrays/pack.ts";
import { CannotBatch } from "../../src/core/errors.ts";
import type { Loss, OdeProblem } from "../../src/problem/problem.ts";
import { gradientBatch } from "../../sensitivity/gradient-batch.ts";
import { gradient } from "../../sensitivity/gradient.ts";
import { drawnRows } from "../members/rows.ts";
import { ableOf, failuresOf, type Able } from "./able.ts";
import type { Chunk, ChunkResult, FailureReason } from "./chunk.ts";
import { failureOf } from "./failed.ts";
import { batchOf, hasRowsOfP, oneOf } from "./given.ts";
import { inKernelsElse, ofEnsemble } from "./methods.ts";
import { Turns } from "./turns.ts";
import type { Solved, Where } from "./solved.ts";
import type { Task } from "./task.ts";

/** Sums over trajectories. */
export interface Sums {
  /** Of the losses, [1]. */
  readonly value: Float64Array;
  /** Of the derivatives, flat. */
  readonly p: Float64Array;
  readonly u0: Float64Array;
}

type Differentiated = Omit<Solved, "states" | "steps" | "rejections"> & {
  readonly sums: Sums;
  /** Why a batch did them one by one. */
  readonly because?: string;
};

/** The job that `runChunk` is of solves; `parts` of the result are {@link Sums}. */
export async function runGradientChunk(
  problem: OdeProblem,
  loss: Loss,
  task: Task,
  chunk: Chunk,
  where: Where = {},
): Promise<ChunkResult> {
  const able = ableOf(problem, task, chunk.rows ?? drawnRows(problem, task.members, chunk), chunk.count);
  const { done, oneByOne } = await inKernelsElse(
    { task, able, chunk, where },
    () => inKernels(problem, loss, task, able, where),
    () => inTurns(problem, loss, task, able, where),
  );
  const failures = failuresOf(task, chunk, able, done);
  const { sums, device, precision, warnings } = done;
  const why = oneByOne ?? done.because;
  return {
    chunk: chunk.index,
    parts: { ...sums },
    failures,
    succeeded: chunk.count - failures.length,
    endedEarly: 0,
    steps: 0,
    rejections: 0,
    ...(why !== undefined && { oneByOne: why }),
    device,
    precision,
    warnings: warnings.map((warning) => ofEnsemble(warning, chunk, able)),
  };
}

export function noSums({ layout }: OdeProblem): Sums {
  return { value: new Float64Array(1), p: new Float64Array(layout.p.size), u0: new Float64Array(layout.u.size) };
}

export function addSums(sums: Sums, others: Sums): void {
  for (const name of ["value", "p", "u0"] as const) others[name].forEach((x, i) => (sums[name][i] += x));
}

async function inKernels(problem: OdeProblem, loss: Loss, task: Task, able: Able, where: Where): Promise<Differentiated> {
  const { throwing: _ofTurns, ...ofBatch } = where;
  if (able.rows.tspan) throw new CannotBatch("The time spans differ between trajectories, and gradients of batches take one.");
  const { tspan } = task.members.base;
  const options = { ...task.settings, ...batchOf(problem, task, able), tspan, loss, ...ofBatch };
  const { value, p, u0, succeeded, outcomes, ends, device, precision, warnings, plan } = await gradientBatch(problem, options);
  const { layout } = problem;
  const isIn = (k: number): boolean => outcomes[k] === "success";
  const rows = hasRowsOfP(task, able) ? (p as NdArray).data : undefined;
  const sums = {
    value: Float64Array.of(value),
    p: rows ? summed(rows, layout.p.size, isIn) : pack(layout.p, p, "p"),
    u0: summed(u0.data, layout.u.size, u0.shape[0] === outcomes.length ? isIn : () => true),
  };
  // What failed is told with its index.
  const said = warnings.filter((warning) => !/trajectories failed/.test(warning));
  return {
    sums: succeeded > 0 ? sums : noSums(problem),
    outcomeOf: (k) => outcomes[k],
    endOf: (k) => ends[k],
    device,
    precision,
    warnings: said,
    ...(plan.way === "one by one" && { because: plan.because }),
  };
}

function summed(rows: ArrayLike<number>, width: number, isIn: (k: number) => boolean): Float64Array {
  const sum = new Float64Array(width);
  for (let k = 0; k * width < rows.length; k++) if (isIn(k)) for (let i = 0; i < width; i++) sum[i] += rows[k * width + i];
  return sum;
}

async function inTurns(
  problem: OdeProblem,
  loss: Loss,
  task: Task,
  able: Able,
  { onProgress, signal, throwing }: Where,
): Promise<Differentiated> {
  const { precision: _ofKernels, ...settings } = task.settings;
  const { layout } = problem;
  const sums = noSums(problem);
  const outcomes: ("success" | FailureReason)[] = [];
  const ends: number[] = [];
  const warnings = new Set<string>();
  const turns = new Turns(signal, onProgress);
  for (let k = 0; k < able.places.length; k++) {
    const given = oneOf(problem, task, able, k);
    try {
      const one = gradient(problem, { ...settings, ...given, loss, wrt: ["p", "u0"], signal });
      const flat = { p: pack(layout.p, one.gradient.p, "p"), u0: pack(layout.u, one.gradient.u0, "u0") };
      addSums(sums, { value: Float64Array.of(one.value), ...flat });
      for (const warning of one.warnings) warnings.add(warning);
      outcomes.push("success");
      ends.push(given.tspan[1]);
    } catch (error) {
      signal?.throwIfAborted();
      if (throwing) throw error;
      const [reason, end] = failureOf(error, given.tspan);
      outcomes.push(reason);
      ends.push(end);
    }
    if (turns.isOver) await turns.end(k + 1);
  }
  return { sums, outcomeOf: (k) => outcomes[k], endOf: (k) => ends[k], device: "cpu", precision: "f64", warnings: [...warnings] };
}
