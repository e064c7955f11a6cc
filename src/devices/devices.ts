/** Devices by their names. */
import type { AbortSignalLike } from "../core/options/abort-signal.ts";
import { BadOption } from "../core/errors.ts";
import { NoDoublePrecision, UnknownDevice } from "./errors.ts";
import type { Check, Checks } from "../core/options/check.ts";
import { maxTime } from "../core/options/time-limit.ts";
import { callable, oneOf, signal, text, shown, whole } from "../core/options/kinds.ts";
import type { Limits } from "./limits.ts";
import { cpuDevice } from "./cpu.ts";
import { PRECISIONS, type BatchDevice, type DeviceName, type Precision } from "./device.ts";

/** What all work on batches can be told. */
export interface DeviceOptions extends Limits {
  /**
   * `"cpu"`: the lanes of this processor's SIMD, one thread, in f64. `"threads"`: the same in worker threads, with the same numbers.
   * `"webgpu"`: a GPU, in f32 or pairs of f32; in Node it needs the package `webgpu`. Default `"cpu"`.
   */
  readonly device?: DeviceName;
  /** Worker threads at most, of `device: "threads"`. Default: as many as the machine runs at once. Numbers do not depend on it. */
  readonly threads?: number;
  /**
   * What the results must be computed in at least: `"f32"`, about 7 digits; `"f32x2"`, on a GPU pairs of f32, about 14 digits at some twenty
   * times the arithmetic; `"f64"`, about 16. Default: what the device has without that.
   */
  readonly precision?: Precision;
  /** Called between pieces of work with the number of trajectories done. */
  readonly onProgress?: (done: number) => void;
  /** Stops the work between pieces, a tenth of a second long at most on the processor, where steps are not longer; its reason is thrown. */
  readonly signal?: AbortSignalLike;
}

/** More would take more memory than any machine has. */
const MOST_THREADS = 1024;

const threadCount: Check = (value, what) => {
  whole(value, what);
  if ((value as number) > MOST_THREADS) throw new BadOption(`${what} is ${shown(value)}, but must be ${MOST_THREADS} at most.`);
};

export const deviceChecks: Checks<DeviceOptions> = {
  device: text,
  threads: threadCount,
  precision: oneOf(...PRECISIONS),
  onProgress: callable,
  signal,
  maxTime,
};

/** How the numbers of a result were computed. */
export interface Computed {
  readonly device: DeviceName;
  readonly precision: Precision;
}

/** Code that only some need is loaded when it is asked for. */
const devices: Readonly<Record<DeviceName, (asked: DeviceOptions) => Promise<BatchDevice>>> = {
  cpu: () => Promise.resolve(cpuDevice),
  threads: async ({ threads }) => (await import("./threads/threads.ts")).threadsDevice(threads),
  webgpu: async ({ precision }) => {
    const { webgpuDevice, webgpuPairsDevice } = await import("./webgpu/webgpu.ts");
    return precision === "f32x2" ? webgpuPairsDevice : webgpuDevice;
  },
};

/** Throws {@link UnknownDevice}, {@link NoDoublePrecision}, {@link BadOption}. */
export async function deviceOf(asked: DeviceOptions): Promise<BatchDevice> {
  const { device: name = "cpu", precision, threads } = asked;
  if (!Object.hasOwn(devices, name)) throw new UnknownDevice(name, Object.keys(devices));
  if (threads !== undefined && name !== "threads") {
    throw new BadOption(`threads is ${threads}, but the device is "${name}". Add device: "threads", or leave it out.`);
  }
  const device = await devices[name](asked);
  if (precision === "f64" && device.precision !== "f64") throw new NoDoublePrecision(name);
  return device;
}
