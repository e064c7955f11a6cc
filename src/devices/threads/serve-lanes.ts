/** The worker's side of batches in threads: kernels come compiled, with rows. */
import type { LaneCalls, LaneLayout, Loaded } from "../lane-calls.ts";
import type { Envelope, Reply, Request } from "../../workers/protocol.ts";
import type { Port } from "../../workers/platform.ts";

/** A compiled kernel. Plain data. */
export interface LaneKernel {
  /** The how many-th of this thread's caller. */
  readonly id: number;
  readonly module: WebAssembly.Module;
  readonly namespace: string;
  readonly pages: number;
  /** Address of the region of the module's own arrays. */
  readonly region: number;
  readonly imports: readonly string[];
  readonly layout: LaneLayout;
}

/** What all pieces of a batch have in common. */
export interface LaneSetup {
  readonly kernel: LaneKernel;
  /** Of the kernel, with their addresses. */
  readonly tables: readonly (readonly [address: number, data: Float64Array | Int32Array])[];
  readonly shared: Readonly<Record<string, Float64Array>>;
  readonly unfinished?: string;
  readonly sweep?: { readonly steps: number; readonly mostHere: number };
}

/** Some of a batch's trajectories. */
export interface LanePiece {
  /** The how many-th batch. */
  readonly batch: number;
  /** Absent where the worker should know it. */
  readonly setup?: LaneSetup;
  readonly count: number;
  /** The rows of all own arrays, one array after the other, in the order of `names`; results are written over them. */
  readonly rows: ArrayBuffer | SharedArrayBuffer;
  readonly names: readonly string[];
}

export interface LaneResult {
  /** Where they were not shared: with the results in them. */
  readonly rows?: ArrayBuffer;
  /** Nothing was done: the batch has to be set up here first. */
  readonly isUnknown?: boolean;
}

/** A function of the host that the kernel called, which ends it: its name and arguments are the message. */
export const HOST_CALL = "HostCall";

/** A kernel in memory of its own, which holds the tables of a batch. */
type Held = Loaded & { batch?: number };

/** Loads kernels, and keeps those that were asked for last. It needs nothing around it, for workers that are made of texts. */
export function laneLoader(hostCall: string): (kernel: LaneKernel) => Held {
  /** Kernels that are kept, and bytes of memory of one. */
  const MOST = 4;
  const MOST_KEPT = 2 ** 24;
  const kept = new Map<number, Held>();

  function functionOf(name: string): (...args: number[]) => number {
    if (name === "rem") return (a, b) => a % b;
    if (name === "wrap") return (a) => a | 0;
    const known = (Math as unknown as Record<string, (...args: number[]) => number>)[name];
    const elsewhere = (...args: number[]): never => {
      throw Object.assign(new Error(JSON.stringify([name, args])), { name: hostCall });
    };
    return known ?? elsewhere;
  }

  function made({ module, namespace, pages, region, imports, layout }: LaneKernel): Held {
    const memory = new WebAssembly.Memory({ initial: pages, maximum: pages });
    const imported = {
      ...Object.fromEntries(imports.map((name) => [name, functionOf(name)])),
      memory,
      region: new WebAssembly.Global({ value: "i32" }, region),
    };
    const { exports } = new WebAssembly.Instance(module, { [namespace]: imported });
    return { layout, memory: memory.buffer, call: exports["0"] as Loaded["call"] };
  }

  return (kernel) => {
    const held = kept.get(kernel.id) ?? made(kernel);
    kept.delete(kernel.id);
    if (held.memory.byteLength <= MOST_KEPT) kept.set(kernel.id, held);
    if (kept.size > MOST) kept.delete(kept.keys().next().value!);
    return held;
  };
}

/** Answers from now on. It needs nothing around it, for workers that are made of texts. */
export function serveLanes(port: Port, calls: LaneCalls, load: (kernel: LaneKernel) => Held): void {
  /** Batches that are kept. */
  const MOST = 4;
  const setups = new Map<number, LaneSetup>();

  function keep(batch: number, setup: LaneSetup): void {
    setups.delete(batch);
    setups.set(batch, setup);
    if (setups.size > MOST) setups.delete(setups.keys().next().value!);
  }

  function holding(batch: number, { kernel, tables }: LaneSetup): Held {
    const held = load(kernel);
    if (held.batch === batch) return held;
    for (const [address, data] of tables) {
      if (data instanceof Int32Array) new Int32Array(held.memory, address, data.length).set(data);
      else new Float64Array(held.memory, address, data.length).set(data);
    }
    held.batch = batch;
    return held;
  }

  function run({ batch, setup: given, count, rows, names }: LanePiece): LaneResult {
    const back = rows instanceof ArrayBuffer ? { rows } : {};
    const setup = given ?? setups.get(batch);
    if (!setup) return { ...back, isUnknown: true };
    keep(batch, setup);
    const { kernel, shared, unfinished, sweep } = setup;
    const held = holding(batch, setup);
    const arrays = { ...shared };
    let at = 0;
    for (const name of names) {
      const { size } = kernel.layout.places.find((place) => place.name === name)!;
      arrays[name] = new Float64Array(rows, at, count * size);
      at += 8 * count * size;
    }
    for (let first = 0; first < count;) {
      const running = calls.run(held, { count, arrays, unfinished, sweep }, first);
      let step = running.next();
      while (!step.done) step = running.next();
      first += step.value;
    }
    return back;
  }

  port.addEventListener("message", ({ data }) => {
    const request = (data as Partial<Envelope<Request>> | undefined)?.odegrad;
    if (!request) return;
    const { id } = request;
    const post = (odegrad: Reply, transfer?: readonly ArrayBuffer[]): void => port.postMessage({ odegrad }, transfer);
    post({ id, kind: "taken" });
    try {
      const result = run(request.options as LanePiece);
      post({ id, kind: "result", result }, result.rows ? [result.rows] : []);
    } catch (error) {
      const { name, message } = error as Error;
      post({ id, kind: "error", name, message });
    }
  });
}
