/** Chunks from the first to the last, whatever is done with them. */
import { isErrorName } from "../sensitivity/batch/failure-of.ts";
import type { AbortSignalLike } from "../src/core/options/abort-signal.ts";
import type { OdeProblem } from "../src/problem/problem.ts";
import { chunkAt, chunksOf, chunkSize, indexIn, type Chunk, type ChunkResult } from "./chunks/chunk.ts";
import { inOrder } from "./chunks/in-order.ts";
import { runChunk } from "./chunks/run-chunk.ts";
import { Tally, type Counts } from "./chunks/tally.ts";
import type { Task } from "./chunks/task.ts";
import type { Work } from "./devices/device.ts";
import { largestChunk, openingOf } from "./devices/index.ts";
import { drawnRows, rowsBy, type Some } from "./members/rows.ts";
import { methodOfAll } from "./method.ts";
import type { GivenMembers, MembersOptions } from "./options.ts";
import { EnsemblePlan } from "./plan.ts";
import { progressOf } from "./progress.ts";

/** Of a result beside its numbers, about. */
const BYTES_BESIDES = 1024;

interface Running {
  readonly problem: OdeProblem;
  readonly task: Task;
  readonly vary: GivenMembers["vary"];
  readonly options: Pick<MembersOptions<unknown, unknown>, "chunk" | "device" | "threads" | "onProgress">;
  /** Numbers that a chunk holds of each trajectory; and those of its result, of so many trajectories. */
  readonly numbers: number;
  readonly kept: (count: number) => number;
  readonly signal: AbortSignalLike | undefined;
  /** In the order of the chunks. */
  readonly merge: (result: ChunkResult, chunk: Chunk) => void;
}

export interface Ran {
  readonly counts: Counts;
  readonly plan: EnsemblePlan;
}

export async function runChunks({ problem, task: asked, vary, options, numbers, kept, signal, merge }: Running): Promise<Ran> {
  const { members, settings } = asked;
  const { trajectories, base } = members;
  const { device: where = "cpu" } = options;
  const size = options.chunk ?? chunkSize(numbers, largestChunk(where));
  const chunks = chunksOf(trajectories, size);
  const varied = vary && ((some: Some) => rowsBy(problem, base, vary, some));
  const withRows = (chunk: Chunk): Chunk =>
    varied ? { ...chunk, rows: varied({ count: chunk.count, indexOf: indexIn(chunk) }) } : chunk;
  const chosen = settings.solver
    ? undefined
    : methodOfAll(problem, asked, varied ?? ((some) => drawnRows(problem, members, some)));
  const task: Task = chosen ? { ...asked, method: chosen.method } : asked;
  const tally = new Tally(trajectories);
  const progress = progressOf(options.onProgress, trajectories);
  const sample = (count: number): Chunk => withRows({ index: 0, first: 0, count });
  const job: Work["job"] = (chunk, at) => runChunk(problem, task, chunk, at);
  const device = await openingOf(where)({
    problem,
    task,
    job,
    sample,
    bytes: BYTES_BESIDES + 8 * kept(size),
    threads: options.threads,
  });
  try {
    await inOrder<ChunkResult>({
      chunks,
      inFlight: device.inFlight,
      async run(index) {
        signal?.throwIfAborted();
        const chunk = withRows(chunkAt(index, trajectories, size));
        const result = await device.run(chunk, { signal, onProgress: progress?.within(index) });
        progress?.done(index, chunk.count);
        return result;
      },
      merge(result, index) {
        merge(result, chunkAt(index, trajectories, size));
        tally.add(result);
      },
    });
    const { succeeded, reasons } = tally.of;
    const [reason, ...more] = Object.keys(reasons);
    // What every trajectory throws is of what was asked for.
    if (succeeded === 0 && more.length === 0 && isErrorName(reason)) await job(sample(1), { signal, throwing: true });
  } finally {
    await device.close?.();
  }
  const { ran, oneByOne, solvedAgain, of } = tally;
  const method = settings.solver
    ? { name: settings.solver.name }
    : chosen && { name: chosen.method.name, because: chosen.because };
  const plan = new EnsemblePlan({ ran, chunk: size, chunks, method, oneByOne, solvedAgain, why: device.why });
  const warnings = [...(oneByOne === undefined && chosen ? chosen.warnings : []), ...of.warnings];
  return { counts: { ...of, warnings }, plan };
}
