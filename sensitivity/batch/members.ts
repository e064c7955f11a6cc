/** Work on some of a batch's trajectories: what is theirs is gathered, and what comes of it put back. */
import type { Batch, BatchDevice } from "../../src/devices/device.ts";
import type { Kernel } from "../../src/devices/kernel.ts";

export interface Work extends Pick<Batch, "count" | "onProgress" | "signal" | "unfinished"> {
  /** As a {@link Batch} has them: rows of each trajectory, and what the kernel shares. */
  readonly arrays: Batch["arrays"];
}

/** Trajectories by their places in the batch, in order. */
export type Members = readonly number[];

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
