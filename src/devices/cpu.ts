/** Batches on the processor: WebAssembly SIMD, one trajectory a lane, f64. */
import type { AbortSignalLike } from "../core/options/abort-signal.ts";
import { Pool } from "../core/pool.ts";
import { memo } from "../core/memo.ts";
import { Arena } from "../compile/arena.ts";
import { linkSpmd } from "../compile/link-spmd.ts";
import type { Program } from "../ir/ir.ts";
import { Pace } from "../core/pace.ts";
import { breathe, RANGE, rangesOf, type Batch, type BatchDevice } from "./device.ts";
import type { Kernel } from "./kernel.ts";
import { laneCalls, type Loaded } from "./lane-calls.ts";
import { laneLayout } from "./lane-layout.ts";

/** Memory that is kept for the next batch; what long solves need is made anew for each. */
const MOST_KEPT = 2 ** 24;
/** Milliseconds of work between turns of the event loop. */
const TURN = 50;

export const cpuDevice: BatchDevice = { name: "cpu", precision: "f64", run };

const calls = /* @__PURE__ */ laneCalls(rangesOf, RANGE);

/** A hundred batches at once leave no hundred behind. */
const loadedKernels = memo(
  (_program: Program) => new Pool<Loaded>({ most: 1, keeps: ({ memory }) => memory.byteLength <= MOST_KEPT }),
);

/** Memory is in use for a chunk of trajectories, so of batches at the same time each has what it works at to itself. */
async function run(kernel: Kernel, batch: Batch): Promise<void> {
  const { count, onProgress, signal } = batch;
  const pool = loadedKernels(kernel.program);
  const turn = new Turn(signal);
  for (let first = 0; first < count;) {
    signal?.throwIfAborted();
    first += await pool.use(
      () => load(kernel),
      (loaded) => runChunk(loaded, batch, first, turn),
    );
    onProgress?.(first);
  }
}

/** Time between two turns of the event loop. */
class Turn {
  private start = performance.now();
  private readonly pace = new Pace();
  private left = 1;

  constructor(private readonly signal: AbortSignalLike | undefined) {}

  /** To be asked after every call of a kernel: some take a microsecond, some a tenth of a second. */
  isOver(): boolean {
    if (--this.left > 0) return false;
    const now = this.pace.look();
    this.left = this.pace.pieces;
    return now - this.start >= TURN;
  }

  async end(): Promise<void> {
    await breathe(this.signal);
    this.start = performance.now();
  }
}

async function runChunk(loaded: Loaded, batch: Batch, first: number, turn: Turn): Promise<number> {
  const running = calls.run(loaded, batch, first);
  for (;;) {
    const { done, value } = running.next();
    if (done) return value;
    if (turn.isOver()) await turn.end();
  }
}

function load(kernel: Kernel): Loaded {
  const arena = new Arena();
  const unit = linkSpmd(kernel.program, kernel.shared, arena);
  const layout = laneLayout(kernel, arena);
  const { run: call } = unit.link();
  return { layout, memory: arena.buffer, call };
}
