/** Runs of some of a batch's trajectories: their rows are gathered, and the results scattered back. */
import type { Batch, BatchDevice } from "../../src/devices/device.ts";
import type { Kernel } from "../../src/devices/kernel.ts";

/** A batch that a kernel is to be run over, or over a part of it. */
export interface Work extends Pick<Batch, "count" | "onProgress" | "signal" | "unfinished" | "sweep"> {
  /** The rows of each trajectory, and what the kernel shares, as a {@link Batch} has them. */
  readonly arrays: Batch["arrays"];
}

/** Indices of trajectories in the batch, in order. */
export type Members = readonly number[];

/** Runs the kernel over the trajectories given. */
export async function runMembers(device: BatchDevice, kernel: Kernel, work: Work, members: Members): Promise<void> {
  if (members.length === work.count) return device.run(kernel, work);
  const { count } = work;
  const names = Object.keys(work.arrays).filter((name) => !kernel.shared.has(name));
  const width = (name: string): number => work.arrays[name].length / count;
  const gathered = names.map((name): [string, Float64Array] => {
    const w = width(name);
    const rows = new Float64Array(members.length * w);
    members.forEach((m, k) => rows.set(work.arrays[name].subarray(m * w, (m + 1) * w), k * w));
    return [name, rows];
  });
  await device.run(kernel, {
    ...work,
    count: members.length,
    arrays: { ...work.arrays, ...Object.fromEntries(gathered) },
    onProgress: work.onProgress && ((done) => work.onProgress!(count - members.length + done)),
  });
  for (const [name, rows] of gathered) {
    const w = width(name);
    members.forEach((m, k) => work.arrays[name].set(rows.subarray(k * w, (k + 1) * w), m * w));
  }
}
