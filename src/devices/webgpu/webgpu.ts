/** Batches on a GPU through WebGPU. */
import { InternalError } from "../../core/errors.ts";
import { single, type ShaderNumbers } from "../../compile/wgsl/numbers.ts";
import type { Batch, BatchDevice } from "../device.ts";
import { BatchTooLarge, GpuOutOfMemory } from "../errors.ts";
import type { Kernel } from "../kernel.ts";
import { buffersOf } from "./buffers.ts";
import { bytesBack, Chunk, type Work } from "./chunk.ts";
import { withDevice, type OpenDevice } from "./device.ts";
import { pairsOf } from "./pairs-probe.ts";
import { pipelineOf } from "./pipeline.ts";
import { HEAD } from "./unfinished.ts";

export const webgpuDevice: BatchDevice = {
  name: "webgpu",
  precision: "f32",
  run: (kernel, batch) => run(kernel, batch, () => single),
};

/** In pairs of f32; throws {@link NoPairs} where those do not hold. */
export const webgpuPairsDevice: BatchDevice = {
  name: "webgpu",
  precision: "f32x2",
  run: (kernel, batch) =>
    run(kernel, batch, ({ device }) => pairsOf(device, (...probe) => run(probe[0], probe[1], () => probe[2]))),
};

/** Trajectories at work together, at most: between such pieces progress is told and an abort is heard. */
const LARGEST_CHUNK = 2 ** 18;
/** And at least, where memory is short. */
const LEAST_CHUNK = 2 ** 10;

type NumbersOf = (opened: OpenDevice) => ShaderNumbers | Promise<ShaderNumbers>;

async function run(kernel: Kernel, batch: Batch, numbersOf: NumbersOf): Promise<void> {
  const work: Work = { dispatches: 0, readBacks: 0, bytesBack: 0 };
  let most = LARGEST_CHUNK;
  for (let first = 0; first < batch.count;) {
    batch.signal?.throwIfAborted();
    const chunk = async (opened: OpenDevice): Promise<number> =>
      runChunk(opened, { kernel, batch, numbers: await numbersOf(opened), first, most, work });
    try {
      first += await withDevice(chunk);
      batch.onProgress?.(first);
    } catch (error) {
      if (!(error instanceof GpuOutOfMemory) || most <= LEAST_CHUNK) throw error;
      most = Math.max(LEAST_CHUNK, Math.min(most, batch.count - first) >> 1);
    }
  }
  batch.onWork?.(work);
}

interface Asked {
  readonly kernel: Kernel;
  readonly batch: Batch;
  readonly numbers: ShaderNumbers;
  readonly first: number;
  /** Trajectories at once, at most. */
  readonly most: number;
  readonly work: Work;
}

/** Runs the trajectories from `first` on that fit; returns how many. */
async function runChunk(opened: OpenDevice, { kernel, batch, numbers, first, most, work }: Asked): Promise<number> {
  const { device, largestBuffer } = opened;
  const listed = batch.unfinished !== undefined;
  const pipeline = await pipelineOf(device, kernel, numbers, listed);
  const { ownSize, commonSize } = pipeline.shader;
  const bytes = 4 * numbers.words * ownSize;
  const fitting = Math.floor(largestBuffer / bytes);
  if (fitting < 1) throw new BatchTooLarge(kernel.program.name, bytes, largestBuffer);
  const count = Math.min(batch.count - first, fitting, most);
  const buffers = buffersOf(device);
  const taken: GPUBuffer[] = [];
  const take = async (bytes: number, usage: number): Promise<GPUBuffer> => {
    const buffer = await buffers.take(bytes, usage);
    taken.push(buffer);
    return buffer;
  };
  const { STORAGE, COPY_DST, COPY_SRC, UNIFORM, MAP_READ, INDIRECT } = GPUBufferUsage;
  const list = (): Promise<GPUBuffer> => take(HEAD + 4 * count, STORAGE | INDIRECT | COPY_DST | COPY_SRC);
  device.pushErrorScope("validation");
  try {
    const chunk = new Chunk(
      { opened, kernel, pipeline, numbers, batch, first, count, work },
      {
        own: await take(bytes * count, STORAGE | COPY_DST | COPY_SRC),
        common: await take(4 * commonSize, STORAGE | COPY_DST),
        batch: await take(16, UNIFORM | COPY_DST),
        back: await take(bytesBack({ kernel, pipeline, batch, numbers, count }), MAP_READ | COPY_DST),
        ...(listed && { lists: [await list(), await list()], place: await take(16, UNIFORM | COPY_DST) }),
      },
    );
    await chunk.run();
    const fault = await device.popErrorScope();
    if (fault) throw new InternalError(`webgpu: ${fault.message}`);
    buffers.give(taken);
  } catch (error) {
    // What was in flight may still hold them.
    for (const buffer of taken) buffer.destroy();
    throw error;
  }
  return count;
}
