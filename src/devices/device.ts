/** What runs kernels: the lanes of this machine's processor, in one thread or several, or a GPU. */
import type { AbortSignalLike } from "../core/options/abort-signal.ts";
import type { Kernel } from "./kernel.ts";

export type DeviceName = "cpu" | "threads" | "webgpu";

/** What numbers are computed in, from few digits to many: f32 about 7, pairs of f32 about 14, f64 about 16. */
export const PRECISIONS = ["f32", "f32x2", "f64"] as const;
export type Precision = (typeof PRECISIONS)[number];

export interface BatchDevice {
  readonly name: DeviceName;
  /** Of all that is computed; values are handed in and come back as f64. */
  readonly precision: Precision;
  run(kernel: Kernel, batch: Batch): Promise<void>;
}

/** The shared parameter of two elements that tells a run of the kernel the first of the steps it takes, and the first it does not. */
export const RANGE = "range";

export interface Batch {
  /** Trajectories. */
  readonly count: number;
  /**
   * By parameter: one row a trajectory, one after the other, or the shared values once. Outputs are written to the same arrays. An own
   * parameter without one is scratch that begins as zeros.
   */
  readonly arrays: Readonly<Record<string, Float64Array>>;
  /** The kernel is run until this own array of one element is zero for every trajectory. Default: it is run once. */
  readonly unfinished?: string;
  /**
   * The element of a shared array that tells a run of such a kernel how many steps it takes, where another number does no harm: a device that
   * measures what steps take writes its own.
   */
  readonly paced?: { readonly array: string; readonly index: number };
  /** The kernel takes the steps of a sweep, told by its shared parameter {@link RANGE}: so many, and in one run so many at most. */
  readonly sweep?: { readonly steps: number; readonly mostHere: number };
  /** Called between pieces of work with the number of trajectories done. */
  readonly onProgress?: (done: number) => void;
  /** Stops the work between pieces. */
  readonly signal?: AbortSignalLike;
  /** Told at the end by devices that count what they did. */
  readonly onWork?: (work: DeviceWork) => void;
}

/** What a GPU did for a batch. */
export interface DeviceWork {
  /** Kernels begun, those that found nothing left to do among them. */
  readonly dispatches: number;
  /** Times that the processor waited for numbers of the GPU. */
  readonly readBacks: number;
  /** Bytes that came back. */
  readonly bytesBack: number;
  /** Seconds from the first kernel's begin to the last one's end, summed over what was handed in at once, by the GPU's own clock. Undefined where it tells no time. */
  readonly kernelSeconds?: number;
}

/** The ranges of the runs of a kernel; of one without a sweep, one that nothing reads. It needs nothing around it. */
export function* rangesOf({ sweep = { steps: 1, mostHere: 1 } }: Batch): Iterable<readonly [from: number, to: number]> {
  const { steps, mostHere } = sweep;
  for (let from = 0; from < steps; from += mostHere) yield [from, Math.min(from + mostHere, steps)];
}

/** Gives the event loop a turn, and stops where the caller wants to. */
export async function breathe(signal: AbortSignalLike | undefined): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, 0));
  signal?.throwIfAborted();
}
