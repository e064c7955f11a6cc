/** Devices by their names. */
import type { AbortSignalLike } from "../core/options/abort-signal.ts";
import { NoDoublePrecision, UnknownDevice } from "./errors.ts";
import type { Checks } from "../core/options/check.ts";
import { maxTime } from "../core/options/time-limit.ts";
import { callable, oneOf, signal, text } from "../core/options/kinds.ts";
import type { Limits } from "./limits.ts";
import { cpuDevice } from "./cpu.ts";
import type { BatchDevice } from "./device.ts";

/** What all work on batches can be told. */
export interface DeviceOptions extends Limits {
  /**
   * `"cpu"`: the lanes of this processor's SIMD, one thread, in f64. `"webgpu"`: a GPU, in f32; in Node it needs the package `webgpu`.
   * Default `"cpu"`.
   */
  readonly device?: "cpu" | "webgpu";
  /** What the results must be computed in at least. Default: what the device has. */
  readonly precision?: "f32" | "f64";
  /** Called between pieces of work with the number of trajectories done. */
  readonly onProgress?: (done: number) => void;
  /** Stops the work between pieces, a tenth of a second long at most on the processor, where steps are not longer; its reason is thrown. */
  readonly signal?: AbortSignalLike;
}

export const deviceChecks: Checks<DeviceOptions> = {
  device: text,
  precision: oneOf("f32", "f64"),
  onProgress: callable,
  signal,
  maxTime,
};

/** How the numbers of a result were computed. */
export interface Computed {
  readonly device: "cpu" | "webgpu";
  readonly precision: "f32" | "f64";
}

/** Code that only GPUs need is loaded when one is asked for. */
const devices: Readonly<Record<string, () => Promise<BatchDevice>>> = {
  cpu: () => Promise.resolve(cpuDevice),
  webgpu: async () => (await import("./webgpu/webgpu.ts")).webgpuDevice,
};

/** Throws {@link UnknownDevice}, {@link NoDoublePrecision}. */
export async function deviceOf({ device: name = "cpu", precision }: DeviceOptions): Promise<BatchDevice> {
  if (!Object.hasOwn(devices, name)) throw new UnknownDevice(name, Object.keys(devices));
  const device = await devices[name]();
  if (precision === "f64" && device.precision === "f32") throw new NoDoublePrecision(name);
  return device;
}
