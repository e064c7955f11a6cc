/** Chunks from the first to the last, whatever is done with them. */
import type { AbortSignalLike } from "../src/core/options/abort-signal.ts";
import { chunkAt, chunksOf, chunkSize, type Chunk, type ChunkResult } from "./chunks/chunk.ts";
import { isErrorName } from "../sensitivity/batch/failure-of.ts";
import { inOrder } from "./chunks/in-order.ts";
import { Tally, type Counts } from "./chunks/tally.ts";
import type { Work } from "./devices/device.ts";
import { largestChunk, openingOf } from "./devices/index.ts";
import { rowsBy } from "./members/rows.ts";
import type { GivenMembers, MembersOptions } from "./options.ts";
import { EnsemblePlan } from "./plan.ts";
import { progressOf } from "./progress.ts";

interface Running extends Omit<Work, "sample" | "threads"> {
  readonly vary: GivenMembers["vary"];
  readonly options: Pick<MembersOptions<unknown, unknown>, "chunk" | "device" | "threads" | "onProgress">;
  /** Numbers that a chunk holds of each trajectory. */
  readonly numbers: number;
  readonly signal: AbortSignalLike | undefined;
  /** In the order of the chunks. */
  readonly merge: (result: ChunkResult, chunk: Chunk) => void;
}

export interface Ran {
  readonly counts: Counts;
  readonly plan: EnsemblePlan;
}

export async function runChunks({ vary, options, numbers, signal, merge, ...work }: Running): Promise<Ran> {
  const { problem, task } = work;
  const { trajectories, base } = task.members;
  const { device: where = "cpu" } = options;
  const size = options.chunk ?? chunkSize(numbers, largestChunk(where));
  const chunks = chunksOf(trajectories, size);
  const withRows = (chunk: Chunk): Chunk => (vary ? { ...chunk, rows: rowsBy(problem, base, vary, chunk) } : chunk);
  const tally = new Tally(trajectories);
  const progress = progressOf(options.onProgress, trajectories);
  const sample = (count: number): Chunk => withRows({ index: 0, first: 0, count });
  const device = await openingOf(where)({ ...work, threads: options.threads, sample });
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
    if (succeeded === 0 && more.length === 0 && isErrorName(reason)) await work.job(sample(1), { signal, throwing: true });
  } finally {
    await device.close?.();
  }
  const plan = new EnsemblePlan({ ran: tally.ran, chunk: size, chunks, oneByOne: tally.oneByOne, why: device.why });
  return { counts: tally.of, plan };
}
