/** Batches on the processor: WebAssembly SIMD, one trajectory a lane, f64. */
import type { AbortSignalLike } from "../core/options/abort-signal.ts";
import { Pool } from "../core/pool.ts";
import { memo } from "../core/memo.ts";
import { Arena } from "../compile/arena.ts";
import type { Compiled } from "../compile/compile.ts";
import { linkSpmd } from "../compile/link-spmd.ts";
import { LANES } from "../compile/wasm/spmd-values.ts";
import type { ArrayDeclaration, Program } from "../ir/ir.ts";
import { BatchTooLarge } from "./errors.ts";
import { Pace } from "../core/pace.ts";
import { breathe, RANGE, rangesOf, type Batch, type BatchDevice } from "./device.ts";
import { parametersOf, type Kernel } from "./kernel.ts";

/** Memory of the trajectories that are at work together: it should stay in the second cache. */
const CHUNK_BYTES = 2 ** 18;
const MOST_GROUPS = 256;
/** Memory that is kept for the next batch; what long solves need is made anew for each. */
const MOST_KEPT = 2 ** 24;
/** Bytes of trajectories that run together: of 32-bit addresses half, the rest being for what they share. */
const LARGEST_GROUP = 2 ** 31;
/** Milliseconds of work between turns of the event loop. */
const TURN = 50;

export const cpuDevice: BatchDevice = { name: "cpu", precision: "f64", run };

/** A parameter in the arena: own ones for every group of the chunk, one group after the other. */
interface Binding {
  readonly array: ArrayDeclaration;
  readonly own: boolean;
  readonly address: number;
  /** Bytes from a group to the next. */
  readonly stride: number;
  readonly view: Float64Array;
}

/** A kernel over memory of its own. */
interface Loaded {
  readonly groups: number;
  readonly run: Compiled;
  readonly bindings: readonly Binding[];
  readonly bytes: number;
}

/** A hundred batches at once leave no hundred behind. */
const loadedKernels = memo((_program: Program) => new Pool<Loaded>({ most: 1, keeps: ({ bytes }) => bytes <= MOST_KEPT }));

/** Memory is in use for a chunk of trajectories, so of batches at the same time each has what it works at to itself. */
async function run(kernel: Kernel, batch: Batch): Promise<void> {
  const { count, onProgress, signal } = batch;
  signal?.throwIfAborted();
  const pool = loadedKernels(kernel.program);
  const turn = new Turn(signal);
  for (let first = 0; first < count;) {
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

/** Runs the trajectories from `first` on that there is memory for; returns how many. */
async function runChunk({ groups, run: call, bindings }: Loaded, batch: Batch, first: number, turn: Turn): Promise<number> {
  const { count, arrays, unfinished } = batch;
  const here = Math.min(groups * LANES, count - first);
  for (const binding of bindings) {
    const { own, array, view } = binding;
    if (own) gather(binding, arrays[array.name], first, here);
    else if (array.name !== RANGE) view.set(arrays[array.name]);
  }
  const waiting = bindings.find(({ array }) => array.name === unfinished);
  const range = bindings.find(({ array }) => array.name === RANGE);
  for (let group = 0; group * LANES < here; group++) {
    const addresses = bindings.map(({ address, stride }) => address + group * stride);
    for (const told of rangesOf(batch)) {
      range?.view.set(told);
      do {
        call(...addresses);
        if (turn.isOver()) await turn.end();
      } while (waiting && isWaiting(waiting.view, group));
    }
  }
  for (const binding of bindings)
    if (binding.own && binding.array.role !== "input") scatter(binding, arrays[binding.array.name], first, here);
  return here;
}

function load(kernel: Kernel): Loaded {
  const arena = new Arena();
  const parameters = parametersOf(kernel);
  const unit = linkSpmd(kernel.program, kernel.shared, arena);
  const bytes = (array: ArrayDeclaration): number => array.size * LANES * 8;
  const own = parameters.filter(({ name }) => !kernel.shared.has(name));
  const ofGroup = own.reduce((sum, array) => sum + bytes(array), 0);
  if (ofGroup > LARGEST_GROUP) throw new BatchTooLarge(kernel.program.name, ofGroup / LANES, LARGEST_GROUP / LANES);
  const groups = Math.max(1, Math.min(MOST_GROUPS, Math.floor(CHUNK_BYTES / Math.max(1, ofGroup))));
  const addresses = parameters.map((array) => arena.reserve(array.size * (own.includes(array) ? groups * LANES : 1)));
  const bindings = parameters.map((array, i): Binding => {
    const isOwn = own.includes(array);
    const [address, stride] = [addresses[i], isOwn ? bytes(array) : 0];
    return { array, own: isOwn, address, stride, view: arena.f64(address, array.size * (isOwn ? groups * LANES : 1)) };
  });
  return { groups, run: unit.link().run, bindings, bytes: arena.buffer.byteLength };
}

/** Rows to lanes. Lanes without a trajectory get the last one's values, so that they do nothing unheard of. */
function gather({ array: { size }, view }: Binding, rows: Float64Array | undefined, first: number, here: number): void {
  const lanes = Math.ceil(here / LANES) * LANES;
  if (!rows) return void view.fill(0, 0, lanes * size);
  for (let m = 0; m < lanes; m++) {
    const from = (first + Math.min(m, here - 1)) * size;
    const to = (m - (m % LANES)) * size + (m % LANES);
    for (let i = 0; i < size; i++) view[to + i * LANES] = rows[from + i];
  }
}

function scatter({ array: { size }, view }: Binding, rows: Float64Array | undefined, first: number, here: number): void {
  if (!rows) return;
  for (let m = 0; m < here; m++) {
    const to = (first + m) * size;
    const from = (m - (m % LANES)) * size + (m % LANES);
    for (let i = 0; i < size; i++) rows[to + i] = view[from + i * LANES];
  }
}

function isWaiting(view: Float64Array, group: number): boolean {
  for (let lane = 0; lane < LANES; lane++) if (view[group * LANES + lane] !== 0) return true;
  return false;
}
