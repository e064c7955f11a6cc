/** What solving some trajectories gives. */
import type { Precision } from "../../src/devices/device.ts";
import type { AbortSignalLike } from "../../src/core/options/abort-signal.ts";
import type { DeviceOptions } from "../../src/devices/devices.ts";
import type { FailureReason } from "./chunk.ts";

/** Where trajectories are solved, and who is told of it. */
export interface Where {
  readonly device?: DeviceOptions["device"];
  /** The number of trajectories done. */
  readonly onProgress?: (done: number) => void;
  readonly signal?: AbortSignalLike;
}

/** Of trajectories in their order. */
export interface Solved {
  /** [count, K, n], NaN from where one failed or was ended by an event. */
  readonly states: Float64Array;
  readonly outcomes: readonly ("success" | FailureReason)[];
  /** The times that they came to. */
  readonly ends: ArrayLike<number>;
  /** Taken and rejected, of all. */
  readonly steps: number;
  readonly rejections: number;
  readonly device: string;
  readonly precision: Precision;
  readonly warnings: readonly string[];
}
