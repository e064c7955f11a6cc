/** Trajectories that are at work together. Their states stay on the GPU until all have ended. */
import { MOST_OPERATIONS_ON_GPU, outOfBudget } from "../../ir/budget.ts";
import { memo } from "../../core/memo.ts";
import type { ArrayDeclaration } from "../../ir/ir.ts";
import { WORKGROUP } from "../../compile/wgsl/emit.ts";
import type { ShaderNumbers } from "../../compile/wgsl/numbers.ts";
import { breathe, RANGE, type Batch, type DeviceWork } from "../device.ts";
import { parametersOf, type Kernel } from "../kernel.ts";
import type { OpenDevice } from "./device.ts";
import { interleaved, intoRows, toWords } from "./numbers.ts";
import { Pace } from "./pace.ts";
import type { Pipeline } from "./pipeline.ts";
import { secondsBetween, timed, TIMES, type Stopwatch } from "./stopwatch.ts";
import { everyone, HEAD, head, sieveOf } from "./unfinished.ts";

export interface ChunkBuffers {
  readonly own: GPUBuffer;
  readonly common: GPUBuffer;
  readonly batch: GPUBuffer;
  readonly back: GPUBuffer;
  /** Two lists of trajectories, and where what they tell lies. Of kernels that are run until all have ended. */
  readonly lists?: readonly [GPUBuffer, GPUBuffer];
  readonly place?: GPUBuffer;
}

/** What is counted; the seconds are undefined without a clock. */
export type Work = { -readonly [Name in keyof DeviceWork]: DeviceWork[Name] };

/** What is known of a kernel's pace, by how it is begun: another number of steps is another kernel's work. */
const paceOf = memo(
  (_pipeline: Pipeline, steps: number, draws: boolean, mayChange: boolean) => new Pace(steps, draws, mayChange),
  {
    most: 4,
  },
);

interface Begun {
  readonly opened: OpenDevice;
  readonly kernel: Kernel;
  readonly pipeline: Pipeline;
  readonly numbers: ShaderNumbers;
  readonly batch: Batch;
  /** The trajectories from the first on, so many. */
  readonly first: number;
  readonly count: number;
  readonly work: Work;
}

/** Bytes that a chunk's buffer for what comes back has: heads of lists and times, or results. */
export function bytesBack({ kernel, pipeline, batch, numbers, count }: Omit<Begun, "opened" | "first" | "work">): number {
  const met = pipeline.shader.met === undefined ? 0 : 1;
  const numbersBack = resultsOf(kernel, batch).reduce((sum, { size }) => sum + size, met);
  return Math.max(HEAD + TIMES, 4 * numbers.words * numbersBack * count + TIMES);
}

function resultsOf(kernel: Kernel, batch: Batch): readonly ArrayDeclaration[] {
  return parametersOf(kernel).filter(({ role, name, size }) => role !== "input" && size > 0 && batch.arrays[name]);
}

export class Chunk {
  private readonly device: GPUDevice;
  private readonly bytes: number;
  private watch: Stopwatch | undefined;

  constructor(
    private readonly begun: Begun,
    private readonly buffers: ChunkBuffers,
  ) {
    this.device = begun.opened.device;
    this.bytes = 4 * begun.numbers.words;
  }

  async run(): Promise<void> {
    const { batch } = this.begun;
    this.upload();
    await timed(this.device, async (watch) => {
      this.watch = watch;
      this.give(batch.unfinished === undefined ? await this.sweep() : await this.untilFinished(batch.unfinished));
    });
  }

  /** Runs over those that are left, until none is. */
  private async untilFinished(unfinished: string): Promise<ArrayBuffer> {
    const { opened, pipeline, batch, count } = this.begun;
    const { paced } = batch;
    const lists = this.buffers.lists!;
    const sieve = await sieveOf(this.device);
    const bindings = lists.map((list) => this.bindings(list));
    const sifting = lists.map((list, k) => this.sifting(sieve, list, lists[1 - k]));
    this.tellPlace(unfinished);
    this.device.queue.writeBuffer(lists[0], 0, everyone(count));
    const given = paced ? batch.arrays[paced.array][paced.index] : 1;
    const pace = paceOf(pipeline, given, !opened.isSoftware, paced !== undefined);
    let here = 0;
    for (let left = count; left > 0;) {
      const portion = pace.next(left);
      if (paced) this.tell(paced.array, [portion.steps], paced.index);
      const encoder = this.device.createCommandEncoder();
      const passes = 2 * portion.kernels;
      for (let k = 0; k < passes; k++) {
        const sifts = k % 2 === 1;
        if (sifts) encoder.clearBuffer(lists[1 - here], 0, HEAD);
        const pass = encoder.beginComputePass({ timestampWrites: this.watch?.of(k, passes) });
        pass.setPipeline(sifts ? sieve : pipeline.pipeline);
        pass.setBindGroup(0, (sifts ? sifting : bindings)[here]);
        pass.dispatchWorkgroupsIndirect(lists[here], 0);
        pass.end();
        if (sifts) here = 1 - here;
      }
      const started = performance.now();
      const told = new Uint32Array(await this.submit(encoder, portion.kernels, [{ from: lists[here], at: 0, bytes: HEAD }]));
      this.requireEnds(told[head.met]);
      pace.measured(portion, left, performance.now() - started, told[head.count] > 0);
      left = told[head.count];
      if (left > 0) await breathe(batch.signal);
    }
    return this.submit(this.device.createCommandEncoder(), 0, this.segments(this.results));
  }

  /** Runs over all, as often as the steps of a sweep take. */
  private async sweep(): Promise<ArrayBuffer> {
    const { opened, pipeline, batch, count } = this.begun;
    const { steps, mostHere } = batch.sweep ?? { steps: 1, mostHere: 1 };
    const pace = paceOf(pipeline, mostHere, !opened.isSoftware, true);
    const bindings = this.bindings();
    for (let from = 0; ;) {
      const next = pace.next(count);
      const portion = { ...next, kernels: Math.min(next.kernels, Math.ceil((steps - from) / next.steps)) };
      const taken = Math.min(portion.kernels * portion.steps, steps - from);
      const started = performance.now();
      let encoder = this.device.createCommandEncoder();
      for (let k = 0; k < portion.kernels; k++) {
        if (k > 0) {
          this.device.queue.submit([encoder.finish()]);
          encoder = this.device.createCommandEncoder();
        }
        const begin = from + k * portion.steps;
        this.tell(RANGE, [begin, Math.min(begin + portion.steps, steps)]);
        const pass = encoder.beginComputePass({ timestampWrites: this.watch?.of(k, portion.kernels) });
        pass.setPipeline(pipeline.pipeline);
        pass.setBindGroup(0, bindings);
        pass.dispatchWorkgroups(Math.ceil(count / WORKGROUP));
        pass.end();
      }
      from += taken;
      const data = await this.submit(encoder, portion.kernels, this.segments(from < steps ? [] : this.results));
      this.requireMet(data);
      pace.measured(portion, count, performance.now() - started, taken === portion.kernels * portion.steps);
      if (from >= steps) return data;
      await breathe(batch.signal);
    }
  }

  private bindings(...lists: GPUBuffer[]): GPUBindGroup {
    const { own, common, batch } = this.buffers;
    return this.device.createBindGroup({
      layout: this.begun.pipeline.layout,
      entries: entriesOf([own, common, batch, ...lists]),
    });
  }

  private sifting(sieve: GPUComputePipeline, list: GPUBuffer, next: GPUBuffer): GPUBindGroup {
    const { own, place } = this.buffers;
    return this.device.createBindGroup({ layout: sieve.getBindGroupLayout(0), entries: entriesOf([own, list, next, place!]) });
  }

  /** Where it lies whether a trajectory is finished, and the number of a loop that did not end. */
  private tellPlace(unfinished: string): void {
    const { pipeline, kernel, numbers, count } = this.begun;
    const { own, met } = pipeline.shader;
    const pending = own.get(parametersOf(kernel).find(({ name }) => name === unfinished)!)!;
    const { words } = numbers;
    const places = [words * pending * count, words * (met ?? 0) * count, words, met === undefined ? 0 : 1];
    this.device.queue.writeBuffer(this.buffers.place!, 0, Uint32Array.from(places));
  }

  private upload(): void {
    const { device, bytes, buffers, begun } = this;
    const { pipeline, kernel, count, first, numbers, batch } = begun;
    const { own, common } = buffers;
    const { queue } = device;
    queue.writeBuffer(buffers.batch, 0, Uint32Array.of(count, 0x7f800000, 0x7fc00000, 0));
    const encoder = device.createCommandEncoder();
    for (const array of parametersOf(kernel)) {
      const at = pipeline.shader.own.get(array);
      const { name, size } = array;
      if (at === undefined || size === 0) continue;
      const rows = batch.arrays[name];
      if (!rows) encoder.clearBuffer(own, bytes * at * count, bytes * size * count);
      else if (array.role !== "output") {
        const words = toWords(name, rows.subarray(first * size, (first + count) * size), numbers.words);
        queue.writeBuffer(own, bytes * at * count, interleaved(words, size, numbers.words));
      }
    }
    if (pipeline.shader.met !== undefined) encoder.clearBuffer(own, bytes * pipeline.shader.met * count, bytes * count);
    queue.submit([encoder.finish()]);
    for (const [array, at] of pipeline.shader.common) {
      if (array.name === RANGE) continue;
      const data = kernel.shared.has(array.name) ? batch.arrays[array.name] : array.data!;
      // Deno 2.9 does not survive a write of nothing.
      if (data.length === 0) continue;
      const words =
        data instanceof Int32Array ? new Int32Array(data) : toWords(array.name, Float64Array.from(data), numbers.words);
      queue.writeBuffer(common, 4 * at, words);
    }
  }

  /** Numbers of a shared parameter, from one on. Of one that the kernel does not have, nothing. */
  private tell(name: string, values: readonly number[], from = 0): void {
    const { pipeline, numbers } = this.begun;
    for (const [array, at] of pipeline.shader.common) {
      if (array.name !== name) continue;
      const words = toWords(name, Float64Array.from(values), numbers.words);
      this.device.queue.writeBuffer(this.buffers.common, 4 * (at + from * numbers.words), words);
    }
  }

  private get results(): readonly ArrayDeclaration[] {
    return resultsOf(this.begun.kernel, this.begun.batch);
  }

  /** Of arrays, and behind them the number of the loop that each trajectory met. */
  private segments(arrays: readonly ArrayDeclaration[]): Segment[] {
    const { pipeline, count } = this.begun;
    const { own, met } = pipeline.shader;
    const places = arrays.map((array) => ({ at: own.get(array)!, size: array.size }));
    if (met !== undefined) places.push({ at: met, size: 1 });
    const { bytes } = this;
    return places.map(({ at, size }) => ({ from: this.buffers.own, at: bytes * at * count, bytes: bytes * size * count }));
  }

  /** Hands in so many kernels, waits, and returns what of the buffers is asked for. */
  private async submit(encoder: GPUCommandEncoder, kernels: number, segments: readonly Segment[]): Promise<ArrayBuffer> {
    const { device, watch, begun } = this;
    const { back } = this.buffers;
    const { work } = begun;
    let bytes = 0;
    for (const segment of segments) {
      encoder.copyBufferToBuffer(segment.from, segment.at, back, bytes, segment.bytes);
      bytes += segment.bytes;
    }
    const times = watch && kernels > 0 ? TIMES : 0;
    if (times > 0) watch!.tell(encoder, back, bytes);
    device.queue.submit([encoder.finish()]);
    work.dispatches += kernels;
    work.readBacks++;
    work.bytesBack += bytes + times;
    if (bytes + times === 0) {
      await device.queue.onSubmittedWorkDone();
      return new ArrayBuffer(0);
    }
    await back.mapAsync(GPUMapMode.READ, 0, bytes + times);
    const mapped = back.getMappedRange(0, bytes + times);
    const data = mapped.slice(0, bytes);
    if (times > 0) {
      work.kernelSeconds = (work.kernelSeconds ?? 0) + secondsBetween(new BigUint64Array(mapped.slice(bytes, bytes + times)));
    }
    back.unmap();
    return data;
  }

  /** Throws {@link EndlessLoop} where a trajectory met a loop that does not end: they are told last. */
  private requireMet(data: ArrayBuffer): void {
    const { pipeline, numbers, count } = this.begun;
    if (pipeline.shader.met === undefined) return;
    const words = new Float32Array(data);
    for (let at = words.length - numbers.words * count; at < words.length; at += numbers.words) this.requireEnds(words[at]);
  }

  /** Throws {@link EndlessLoop} for the number of a loop. */
  private requireEnds(met: number): void {
    const { pipeline, kernel } = this.begun;
    if (met > 0) outOfBudget(pipeline.shader.endless[met - 1], kernel.program.name, MOST_OPERATIONS_ON_GPU).call();
  }

  private give(data: ArrayBuffer): void {
    const { first, count, batch, numbers } = this.begun;
    let at = 0;
    for (const { name, size } of this.results) {
      const words = new Float32Array(data, at, numbers.words * size * count);
      intoRows(batch.arrays[name].subarray(first * size, (first + count) * size), words, size, numbers.words);
      at += words.byteLength;
    }
  }
}

/** Bytes of a buffer. */
interface Segment {
  readonly from: GPUBuffer;
  readonly at: number;
  readonly bytes: number;
}

function entriesOf(buffers: readonly GPUBuffer[]): GPUBindGroupEntry[] {
  return buffers.map((buffer, binding) => ({ binding, resource: { buffer } }));
}
