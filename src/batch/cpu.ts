/** Batches on the processor: WebAssembly SIMD, one trajectory a lane, f64. */
import { Arena } from "../compile/arena.ts";
import type { Compiled } from "../compile/compile.ts";
import { linkSpmd } from "../compile/wasm/link-spmd.ts";
import { LANES } from "../compile/wasm/spmd-values.ts";
import type { ArrayDeclaration, Program } from "../program/ir.ts";
import { breathe, type Batch, type BatchDevice } from "./device.ts";
import { parametersOf, type Kernel } from "./kernel.ts";

/** Memory of the trajectories that are at work together: it should stay in the second cache. */
const CHUNK_BYTES = 2 ** 18;
const MOST_GROUPS = 256;
/** Milliseconds of work between turns of the event loop. */
const TURN = 50;

export const cpuDevice: BatchDevice = { name: "cpu", precision: "f64", run };

/** A parameter in the arena: own ones for every group of the chunk, one group after the other. */
interface Place {
  readonly array: ArrayDeclaration;
  readonly own: boolean;
  readonly address: number;
  /** Bytes from a group to the next. */
  readonly stride: number;
  readonly view: Float64Array;
}

interface Loaded {
  readonly groups: number;
  readonly run: Compiled;
  readonly places: readonly Place[];
}

const loaded = new WeakMap<Program, Loaded>();

async function run(kernel: Kernel, { count, arrays, unfinished, onProgress, signal }: Batch): Promise<void> {
  signal?.throwIfAborted();
  const { groups, run: call, places } = load(kernel);
  for (const { own, array, view } of places) if (!own) view.set(arrays[array.name]);
  const waiting = places.find(({ array }) => array.name === unfinished);
  let last = performance.now();
  for (let first = 0; first < count; first += groups * LANES) {
    const here = Math.min(groups * LANES, count - first);
    for (const place of places) if (place.own) gather(place, arrays[place.array.name], first, here);
    for (let group = 0; group * LANES < here; group++) {
      const addresses = places.map(({ address, stride }) => address + group * stride);
      do call(...addresses);
      while (waiting && isWaiting(waiting.view, group));
    }
    for (const place of places)
      if (place.own && place.array.role !== "input") scatter(place, arrays[place.array.name], first, here);
    onProgress?.(first + here);
    if (performance.now() - last < TURN) continue;
    await breathe(signal);
    last = performance.now();
  }
}

function load(kernel: Kernel): Loaded {
  let known = loaded.get(kernel.program);
  if (!known) loaded.set(kernel.program, (known = loadAnew(kernel)));
  return known;
}

function loadAnew(kernel: Kernel): Loaded {
  const arena = new Arena();
  const parameters = parametersOf(kernel);
  const unit = linkSpmd(kernel.program, kernel.shared, arena);
  const bytes = (array: ArrayDeclaration): number => array.size * LANES * 8;
  const own = parameters.filter(({ name }) => !kernel.shared.has(name));
  const ofGroup = own.reduce((sum, array) => sum + bytes(array), 0);
  const groups = Math.max(1, Math.min(MOST_GROUPS, Math.floor(CHUNK_BYTES / Math.max(1, ofGroup))));
  const addresses = parameters.map((array) => arena.reserve(array.size * (own.includes(array) ? groups * LANES : 1)));
  const places = parameters.map((array, i): Place => {
    const isOwn = own.includes(array);
    const [address, stride] = [addresses[i], isOwn ? bytes(array) : 0];
    return { array, own: isOwn, address, stride, view: arena.f64(address, array.size * (isOwn ? groups * LANES : 1)) };
  });
  return { groups, run: unit.link().run, places };
}

/** Rows to lanes. Lanes without a trajectory get the last one's values, so that they do nothing unheard of. */
function gather({ array: { size }, view }: Place, rows: Float64Array | undefined, first: number, here: number): void {
  const lanes = Math.ceil(here / LANES) * LANES;
  if (!rows) return void view.fill(0, 0, lanes * size);
  for (let m = 0; m < lanes; m++) {
    const from = (first + Math.min(m, here - 1)) * size;
    const to = (m - (m % LANES)) * size + (m % LANES);
    for (let i = 0; i < size; i++) view[to + i * LANES] = rows[from + i];
  }
}

function scatter({ array: { size }, view }: Place, rows: Float64Array | undefined, first: number, here: number): void {
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
