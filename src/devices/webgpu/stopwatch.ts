/** The GPU's own clock, where it has one: from the begin of the first kernel of a submission to the end of the last. */
import { memo } from "../../core/memo.ts";
import { Pool } from "../../core/pool.ts";

export interface Stopwatch {
  /** For the pass that is the k-th of so many. */
  of(k: number, passes: number): GPUComputePassTimestampWrites | undefined;
  /** Two times, of 8 bytes each and in nanoseconds, into a buffer. */
  tell(encoder: GPUCommandEncoder, into: GPUBuffer, offset: number): void;
}

export const TIMES = 16;

const idle = memo((_device: GPUDevice) => new Pool<Stopwatch | undefined>());

/** Work with one; with none where the device has no clock that can be read. */
export function timed<T>(device: GPUDevice, work: (watch: Stopwatch | undefined) => Promise<T>): Promise<T> {
  return idle(device).use(() => stopwatchOf(device), work);
}

function stopwatchOf(device: GPUDevice): Stopwatch | undefined {
  if (!device.features.has("timestamp-query")) return undefined;
  const querySet = device.createQuerySet({ type: "timestamp", count: 2 });
  // Times can be told to such a buffer alone, and it cannot be read.
  const told = device.createBuffer({ size: 256, usage: GPUBufferUsage.QUERY_RESOLVE | GPUBufferUsage.COPY_SRC });
  return {
    of: (k, passes) => {
      const [first, last] = [k === 0, k === passes - 1];
      if (!first && !last) return undefined;
      return {
        querySet,
        ...(first && { beginningOfPassWriteIndex: 0 }),
        ...(last && { endOfPassWriteIndex: 1 }),
      };
    },
    tell: (encoder, into, offset) => {
      encoder.resolveQuerySet(querySet, 0, 2, told, 0);
      encoder.copyBufferToBuffer(told, 0, into, offset, TIMES);
    },
  };
}

/** Seconds between two such times. Clocks may be set back while they run. */
export function secondsBetween(times: BigUint64Array): number {
  return Math.max(0, Number(times[1] - times[0])) / 1e9;
}
