/** A result as it comes out of Redis. */
import type { ClusterJob } from "../../src/devices/cluster-like.ts";
import { BadResult } from "../redis/errors.ts";
import type { JobResult } from "../jobs/job.ts";
import { unsealed } from "../redis/wire.ts";

/** Throws {@link BadResult} where it is not what was asked for. */
export function arrivedResult(bytes: Buffer, { index, size = 1 }: ClusterJob): unknown {
  const { index: other, count, result } = unsealed(bytes, `The result of job ${index}`) as JobResult;
  if (other !== index) throw new BadResult(`What came as the result of job ${index} is that of job ${other}`);
  if (count !== size) throw new BadResult(`The result of job ${index} is of ${count} trajectories; asked for were ${size}`);
  return result;
}
