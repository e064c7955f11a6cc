/** Trajectories are cut into chunks, by the problem and what is asked for alone: numbers do not depend on who does them, or when. */
import type { Precision } from "../../src/devices/device.ts";
import type { FailureReason } from "../../sensitivity/batch/failure-of.ts";
import type { Warning } from "../../solvers/batch/warning.ts";
import type { MemberRows } from "../members/members.ts";

export interface Chunk {
  readonly index: number;
  /** Its trajectories are `first`, and those behind it, `count` in all. */
  readonly first: number;
  readonly count: number;
  /** What a user's function said of them; without it they are drawn. */
  readonly rows?: MemberRows;
}

/** The index of its m-th trajectory. */
export function indexIn({ first }: Chunk): (m: number) => number {
  return (m) => first + m;
}

/** What became of a chunk: what can be handed from one process to another. */
export interface ChunkResult {
  readonly chunk: number;
  /** [count, K, n], NaN from where a trajectory failed; where states are asked for. */
  readonly states?: Float64Array;
  /** The reducers' states, by name; where something is reduced. */
  readonly parts?: Readonly<Record<string, Float64Array>>;
  readonly failures: readonly Failure[];
  readonly succeeded: number;
  /** Of those that succeeded, how many an event ended before the last time. */
  readonly endedEarly: number;
  /** Whether the trajectories have time spans of their own. */
  readonly ownSpans?: boolean;
  /** Steps taken and rejected, of all. */
  readonly steps: number;
  readonly rejections: number;
  /** Of those that failed in kernels, how many came to the end by themselves. */
  readonly solvedAgain: number;
  /** Why the trajectories were solved one by one, where they were. */
  readonly oneByOne?: string;
  /** What computed it. */
  readonly device: string;
  readonly precision: Precision;
  readonly warnings: readonly Warning[];
}

/** A trajectory that did not succeed. */
export interface Failure {
  /** Of the ensemble. */
  readonly index: number;
  readonly reason: FailureReason;
  /** The time that it came to. */
  readonly t: number;
}

const LARGEST = 4096;
/** Numbers of a chunk's states: 16 MB. */
const MOST_NUMBERS = 2 ** 21;

/** Trajectories of a chunk, by default, of so many numbers each. */
export function chunkSize(numbers: number, largest = LARGEST): number {
  return Math.max(1, Math.min(largest, Math.floor(MOST_NUMBERS / numbers)));
}

/** How many chunks there are. */
export function chunksOf(trajectories: number, size: number): number {
  return Math.ceil(trajectories / size);
}

export function chunkAt(index: number, trajectories: number, size: number): Chunk {
  const first = index * size;
  return { index, first, count: Math.min(size, trajectories - first) };
}
