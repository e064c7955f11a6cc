/** Batches on a GPU through WebGPU, in f32. The state of all trajectories stays on the device while a kernel runs. */
import { breathe, RANGE, rangesOf, type Batch, type BatchDevice } from "../device.ts";
import { parametersOf, type Kernel } from "../kernel.ts";
import { WORKGROUP } from "../../compile/wgsl/emit.ts";
import { BadBatch, BatchTooLarge } from "../errors.ts";
import { InternalError } from "../../core/errors.ts";
import { MOST_OPERATIONS_ON_GPU, outOfBudget } from "../../ir/budget.ts";
import type { ArrayDeclaration } from "../../ir/ir.ts";
import { buffersOf } from "./buffers.ts";
import { withDevice, type OpenDevice } from "./device.ts";
import { pipelineOf, type Pipeline } from "./pipeline.ts";

export const webgpuDevice: BatchDevice = { name: "webgpu", precision: "f32", run };

/** Trajectories at work together, at most: between such pieces progress is told and an abort is heard. */
const LARGEST_CHUNK = 2 ** 18;

async function run(kernel: Kernel, batch: Batch): Promise<void> {
  for (let first = 0; first < batch.count;) {
    batch.signal?.throwIfAborted();
    first += await withDevice((opened) => runChunk(opened, kernel, batch, first));
    batch.onProgress?.(first);
  }
}

/** Runs the trajectories from `first` on that fit; returns how many. */
async function runChunk({ device, largestBuffer }: OpenDevice, kernel: Kernel, batch: Batch, first: number): Promise<number> {
  const pipeline = await pipelineOf(device, kernel);
  const { ownSize, commonSize } = pipeline.shader;
  const fitting = Math.floor(largestBuffer / (4 * ownSize));
  if (fitting < 1) throw new BatchTooLarge(kernel.program.name, 4 * ownSize, largestBuffer);
  const count = Math.min(batch.count - first, fitting, LARGEST_CHUNK);
  const work = new Chunk(device, kernel, pipeline, batch, first, count);
  const buffers = buffersOf(device);
  const taken: GPUBuffer[] = [];
  const take = async (bytes: number, usage: number): Promise<GPUBuffer> => {
    const buffer = await buffers.take(bytes, usage);
    taken.push(buffer);
    return buffer;
  };
  const { STORAGE, COPY_DST, COPY_SRC, UNIFORM, MAP_READ } = GPUBufferUsage;
  device.pushErrorScope("validation");
  try {
    await work.run({
      own: await take(4 * ownSize * count, STORAGE | COPY_DST | COPY_SRC),
      common: await take(4 * commonSize, STORAGE | COPY_DST),
      batch: await take(16, UNIFORM | COPY_DST),
      back: await take(4 * work.returned * count, MAP_READ | COPY_DST),
    });
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

interface Buffers {
  readonly own: GPUBuffer;
  readonly common: GPUBuffer;
  readonly batch: GPUBuffer;
  readonly back: GPUBuffer;
}

class Chunk {
  private readonly parameters: readonly ArrayDeclaration[];
  private readonly outputs: readonly ArrayDeclaration[];
  /** Elements of a trajectory that come back. */
  readonly returned: number;

  constructor(
    private readonly device: GPUDevice,
    private readonly kernel: Kernel,
    private readonly pipeline: Pipeline,
    private readonly batch: Batch,
    private readonly first: number,
    private readonly count: number,
  ) {
    this.parameters = parametersOf(kernel);
    this.outputs = this.parameters.filter(({ role, name, size }) => role !== "input" && size > 0 && batch.arrays[name]);
    const outputs = this.outputs.reduce((sum, { size }) => sum + size, 0);
    this.returned = pipeline.shader.met === undefined ? outputs : outputs + 1;
  }

  async run(buffers: Buffers): Promise<void> {
    const { device, count, batch, pipeline } = this;
    this.upload(buffers);
    const bindings = device.createBindGroup({
      layout: pipeline.layout,
      entries: [buffers.own, buffers.common, buffers.batch].map((buffer, binding) => ({ binding, resource: { buffer } })),
    });
    const dispatch = (): void => {
      const encoder = device.createCommandEncoder();
      const pass = encoder.beginComputePass();
      pass.setPipeline(pipeline.pipeline);
      pass.setBindGroup(0, bindings);
      pass.dispatchWorkgroups(Math.ceil(count / WORKGROUP));
      pass.end();
      device.queue.submit([encoder.finish()]);
    };
    const waiting = this.parameters.filter(({ name }) => name === batch.unfinished);
    for (const range of rangesOf(batch)) {
      if (range[0] > 0) await this.pause(buffers);
      this.tell(range, buffers);
      dispatch();
      while (waiting.length > 0 && (await this.read(buffers, waiting)).some((x) => x !== 0)) {
        await breathe(batch.signal);
        dispatch();
      }
    }
    this.scatter(await this.read(buffers, this.outputs));
  }

  private upload({ own, common, batch }: Buffers): void {
    const { device, pipeline, kernel, count } = this;
    const { queue } = device;
    queue.writeBuffer(batch, 0, Uint32Array.of(count, count, 0x7f800000, 0x7fc00000));
    const encoder = device.createCommandEncoder();
    for (const array of this.parameters) {
      const at = pipeline.shader.own.get(array);
      if (at === undefined || array.size === 0) continue;
      const rows = this.batch.arrays[array.name];
      if (!rows) encoder.clearBuffer(own, 4 * at * count, 4 * array.size * count);
      else if (array.role !== "output") queue.writeBuffer(own, 4 * at * count, this.gathered(array, rows));
    }
    if (pipeline.shader.met !== undefined) encoder.clearBuffer(own, 4 * pipeline.shader.met * count, 4 * count);
    queue.submit([encoder.finish()]);
    for (const [array, at] of pipeline.shader.common) {
      if (array.name === RANGE) continue;
      const data = kernel.shared.has(array.name) ? this.batch.arrays[array.name] : array.data!;
      // Deno 2.9 does not survive a write of nothing.
      if (data.length === 0) continue;
      queue.writeBuffer(common, 4 * at, data instanceof Int32Array ? new Int32Array(data) : inSingle(array.name, data));
    }
  }

  /** Between runs: waits for the one that is under way. */
  private async pause(buffers: Buffers): Promise<void> {
    await this.read(buffers, []);
    await breathe(this.batch.signal);
  }

  private tell(range: readonly number[], { common }: Buffers): void {
    for (const [{ name }, at] of this.pipeline.shader.common)
      if (name === RANGE) this.device.queue.writeBuffer(common, 4 * at, Float32Array.from(range));
  }

  /** Rows to the interleaved layout. */
  private gathered({ name, size }: ArrayDeclaration, rows: Float64Array): Float32Array<ArrayBuffer> {
    const { first, count } = this;
    const singles = inSingle(name, rows.subarray(first * size, (first + count) * size));
    if (size === 1) return singles;
    const gathered = new Float32Array(size * count);
    for (let m = 0; m < count; m++) for (let i = 0; i < size; i++) gathered[i * count + m] = singles[m * size + i];
    return gathered;
  }

  /** Throws {@link EndlessLoop}. */
  private async read({ own, back }: Buffers, arrays: readonly ArrayDeclaration[]): Promise<Float32Array> {
    const { device, pipeline, count } = this;
    const { shader } = pipeline;
    const segments = arrays.map((array) => ({ at: shader.own.get(array)!, size: array.size }));
    if (shader.met !== undefined) segments.push({ at: shader.met, size: 1 });
    const encoder = device.createCommandEncoder();
    let bytes = 0;
    for (const { at, size } of segments) {
      encoder.copyBufferToBuffer(own, 4 * at * count, back, bytes, 4 * size * count);
      bytes += 4 * size * count;
    }
    device.queue.submit([encoder.finish()]);
    if (bytes === 0) {
      await device.queue.onSubmittedWorkDone();
      return new Float32Array();
    }
    await back.mapAsync(GPUMapMode.READ, 0, bytes);
    const data = new Float32Array(back.getMappedRange(0, bytes)).slice();
    back.unmap();
    const met = shader.met === undefined ? undefined : data.subarray(data.length - count).find((k) => k !== 0);
    if (met !== undefined) outOfBudget(shader.endless[met - 1], this.kernel.program.name, MOST_OPERATIONS_ON_GPU).call();
    return data;
  }

  private scatter(data: Float32Array): void {
    const { first, count } = this;
    let at = 0;
    for (const { name, size } of this.outputs) {
      const rows = this.batch.arrays[name];
      for (let m = 0; m < count; m++) for (let i = 0; i < size; i++) rows[(first + m) * size + i] = data[at + i * count + m];
      at += size * count;
    }
  }
}

/** Rounded to f32. Throws {@link BadBatch} where that would make an infinity, or 0 of what is not 0. */
function inSingle(name: string, data: ArrayLike<number>): Float32Array<ArrayBuffer> {
  const singles = Float32Array.from(data);
  const wrong = singles.findIndex((x, i) => (x === 0 ? data[i] !== 0 : !Number.isFinite(x) && Number.isFinite(data[i])));
  if (wrong >= 0) {
    const size = singles[wrong] === 0 ? "small" : "large";
    throw new BadBatch(
      `${name} has the number ${data[wrong]}, which is too ${size} for the f32 of a GPU: it would be ${singles[wrong]}. ` +
        `Scale it${ORIGINS[name] ?? ""}, or use device: "cpu".`,
    );
  }
  return singles;
}

/** What else can be done about numbers that the user may not have given. */
const ORIGINS: Readonly<Record<string, string>> = {
  u0: ", or make it 0",
  atol: ", or give atol (by default it is rtol times the initial state)",
};
