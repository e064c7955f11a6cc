/** What solving some trajectories gives. */
import type { Precision } from "../../src/devices/device.ts";
import type { AbortSignalLike } from "../../src/core/options/abort-signal.ts";
import type { DeviceOptions } from "../../src/devices/devices.ts";
import type { FailureReason } from "../../sensitivity/batch/failure-of.ts";
import type { Warning } from "../../solvers/batch/warning.ts";

/** Where trajectories are solved, and who is told of it. */
export interface Where {
  readonly device?: DeviceOptions["device"];
  readonly threads?: number;
  /** The number of trajectories done. */
  readonly onProgress?: (done: number) => void;
  readonly signal?: AbortSignalLike;
  /** Throws what one trajectory throws, in place of listing it: what is thrown of all is of what was asked for. */
  readonly throwing?: boolean;
}

/** Of trajectories in their order. */
export interface Solved {
  /** [count, K, n], NaN from where one failed or was ended by an event. */
  readonly states: Float64Array;
  /** How the k-th ended, and the time that it came to. */
  readonly outcomeOf: (k: number) => "success" | FailureReason;
  readonly endOf: (k: number) => number;
  /** Taken and rejected, of all. */
  readonly steps: number;
  readonly rejections: number;
  /** Of those that failed in kernels, how many came to the end by themselves. */
  readonly solvedAgain: number;
  readonly device: string;
  readonly precision: Precision;
  readonly warnings: readonly Warning[];
}
