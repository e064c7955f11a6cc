/** Batches in worker threads: pieces of each go to whichever is free, and run there on SIMD lanes, so numbers are those of "cpu". */
import { InternalError } from "../../core/errors.ts";
import { memo } from "../../core/memo.ts";
import { Arena } from "../../compile/arena.ts";
import { spmdCode } from "../../compile/link-spmd.ts";
import { NAMESPACE, type Code } from "../../compile/wasm/module.ts";
import type { Program } from "../../ir/ir.ts";
import { ThrownInWorker, WorkerLost } from "../../workers/errors.ts";
import { availableThreads } from "../../workers/platform.ts";
import type { RemoteWorker } from "../../workers/remote-worker.ts";
import type { Batch, BatchDevice } from "../device.ts";
import { NoThreads, ThreadLost } from "../errors.ts";
import type { Kernel } from "../kernel.ts";
import { laneLayout } from "../lane-layout.ts";
import { laneWorkers, startFromText } from "./lane-workers.ts";
import { HOST_CALL, type LaneKernel, type LanePiece, type LaneResult, type LaneSetup } from "./serve-lanes.ts";

/** Pieces for each thread, so that none waits long for the others at the end, and how large they are at most. */
const PIECES = 8;
const PIECE_BYTES = 2 ** 22;
/** Workers that a piece may be lost with. */
const MOST_TRIES = 3;

/** In so many worker threads at most. */
export function threadsDevice(threads: number = availableThreads()): BatchDevice {
  return { name: "threads", precision: "f64", run: (kernel, batch) => run(kernel, batch, threads) };
}

/** Has any worker answered? */
let hasAnswered = false;
let kernels = 0;
let batches = 0;

const compiled = memo(
  ({ program, shared }: Kernel): { readonly code: Code; readonly kernel: LaneKernel } => {
    const code = spmdCode(program, shared);
    const arena = new Arena();
    const region = arena.reserve(code.regionSize / 8);
    const layout = laneLayout({ program, shared }, arena);
    const { module, functions } = code;
    const imports = Object.keys(functions);
    return { code, kernel: { id: kernels++, module, namespace: NAMESPACE, pages: arena.pages, region, imports, layout } };
  },
  { by: ({ program }): readonly [Program] => [program] },
);

async function run(kernel: Kernel, batch: Batch, threads: number): Promise<void> {
  batch.signal?.throwIfAborted();
  const work = new ThreadedBatch(kernel, batch, threads);
  const abort = (): void => work.stop(batch.signal!.reason);
  batch.signal?.addEventListener("abort", abort);
  try {
    await work.run();
  } finally {
    batch.signal?.removeEventListener("abort", abort);
  }
}

class ThreadedBatch {
  private readonly id = batches++;
  private readonly code: Code;
  private readonly setup: LaneSetup;
  /** Own arrays that the caller has, and what of them a trajectory has. */
  private readonly own: readonly { readonly name: string; readonly size: number; readonly isWritten: boolean }[];
  /** Trajectories of a piece. */
  private readonly each: number;
  /** Memory for rows that no piece uses. */
  private readonly buffers: (ArrayBuffer | SharedArrayBuffer)[] = [];
  private readonly busy = new Set<RemoteWorker>();
  private stopped: { readonly reason: unknown } | undefined = undefined;
  private done = 0;

  constructor(
    { program, shared }: Kernel,
    private readonly batch: Batch,
    private readonly threads: number,
  ) {
    const { arrays, count, unfinished, sweep } = batch;
    const { code, kernel } = compiled({ program, shared });
    const { places, lanes } = kernel.layout;
    this.code = code;
    this.own = places.filter(({ own, name }) => own && arrays[name]);
    this.setup = {
      kernel,
      tables: code.tables.map(([offset, data]) => [kernel.region + offset, data]),
      shared: Object.fromEntries(places.flatMap(({ own, name }) => (own || !arrays[name] ? [] : [[name, arrays[name]]]))),
      unfinished,
      sweep,
    };
    const fair = Math.ceil(count / (threads * PIECES));
    const most = Math.floor(PIECE_BYTES / this.bytesOf(1));
    // Groups of lanes are those of the batch.
    this.each = Math.max(1, Math.ceil(Math.min(fair, most) / lanes)) * lanes;
  }

  /** Rejects with {@link ThreadLost}, what `stop` is given, and what the kernel throws. */
  async run(): Promise<void> {
    const pieces = Math.ceil(this.batch.count / this.each);
    try {
      await laneWorkers.each(pieces, this.threads, (worker, index) => this.piece(worker, index));
    } catch (error) {
      this.stop(error);
      throw error;
    }
  }

  /** Ends what is at work. */
  stop(reason: unknown): void {
    this.stopped ??= { reason };
    for (const worker of this.busy) worker.end(reason);
  }

  private goOn(): void {
    if (this.stopped) throw this.stopped.reason;
  }

  private async piece(worker: RemoteWorker, index: number): Promise<void> {
    const { batch, each } = this;
    const first = index * each;
    const count = Math.min(each, batch.count - first);
    for (let tries = 1; ; tries++) {
      this.goOn();
      this.busy.add(worker);
      try {
        await this.tried(worker, first, count);
        break;
      } catch (error) {
        if (error instanceof ThrownInWorker) throw this.thrown(error, first, count);
        if (!(error instanceof WorkerLost)) throw error;
        if (!hasAnswered) startFromText();
        if (tries === MOST_TRIES) throw hasAnswered ? this.lost(error, first, count) : new NoThreads(error);
      } finally {
        this.busy.delete(worker);
      }
    }
    batch.onProgress?.((this.done += count));
  }

  private async tried(worker: RemoteWorker, first: number, count: number): Promise<void> {
    const names = this.own.map(({ name }) => name);
    let rows = this.buffers.pop() ?? newBuffer(this.bytesOf(this.each));
    this.eachArray(first, count, rows, (inPiece, inBatch) => inPiece.set(inBatch));
    const ask = (setup?: LaneSetup): Promise<LaneResult> => {
      const options: LanePiece = { batch: this.id, setup, count, rows, names };
      const transfer = rows instanceof ArrayBuffer ? [rows] : [];
      return worker.ask<LaneResult>({ call: "lanes", options, values: {}, watched: false }, undefined, transfer);
    };
    for (let setup: LaneSetup | undefined; ; setup = this.setup) {
      const result = await ask(setup);
      rows = result.rows ?? rows;
      if (!result.isUnknown) break;
    }
    hasAnswered = true;
    this.eachArray(first, count, rows, (inPiece, inBatch, isWritten) => isWritten && inBatch.set(inPiece));
    this.buffers.push(rows);
  }

  private bytesOf(count: number): number {
    return 8 * count * this.own.reduce((sum, { size }) => sum + size, 0);
  }

  /** A piece's rows of each own array, and those in the batch. */
  private eachArray(
    first: number,
    count: number,
    rows: ArrayBuffer | SharedArrayBuffer,
    copy: (inPiece: Float64Array, inBatch: Float64Array, isWritten: boolean) => void,
  ): void {
    let at = 0;
    for (const { name, size, isWritten } of this.own) {
      copy(
        new Float64Array(rows, at, count * size),
        this.batch.arrays[name].subarray(first * size, (first + count) * size),
        isWritten,
      );
      at += 8 * count * size;
    }
  }

  private lost(error: Error, first: number, count: number): ThreadLost {
    return new ThreadLost(first, first + count - 1, error);
  }

  /** As in this thread. */
  private thrown({ name, message }: ThrownInWorker, first: number, count: number): unknown {
    if (name !== HOST_CALL) return this.lost(new Error(`${name}: ${message}`), first, count);
    const [called, args] = JSON.parse(message) as [string, number[]];
    try {
      this.code.functions[called].call(...args);
    } catch (error) {
      return error;
    }
    return new InternalError(`A worker thread called ${called}, which runs here alone`);
  }
}

/** Shared where that is allowed, so that it need not go there and back. */
function newBuffer(bytes: number): ArrayBuffer | SharedArrayBuffer {
  return typeof SharedArrayBuffer === "undefined" ? new ArrayBuffer(bytes) : new SharedArrayBuffer(bytes);
}
