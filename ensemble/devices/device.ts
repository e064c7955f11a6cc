/** Where the chunks of an ensemble are done. */
import type { OdeProblem } from "../../src/problem/problem.ts";
import type { Chunk, ChunkResult } from "../chunks/chunk.ts";
import type { Where } from "../chunks/solved.ts";
import type { Task } from "../chunks/task.ts";

/** What all chunks of one ensemble have in common. */
export interface Work {
  readonly problem: OdeProblem;
  readonly task: Task;
  /** Of a result, about. */
  readonly bytes: number;
  /** Worker threads at most, where they are asked for. */
  readonly threads?: number;
  /** Does a chunk in this process. */
  readonly job: (chunk: Chunk, where: Where) => Promise<ChunkResult>;
  /** The first trajectories, so many of them. */
  readonly sample: (count: number) => Chunk;
}

/** Chunks of one ensemble are done there. */
export interface EnsembleDevice {
  /** Chunks begun and not yet merged, at most. */
  readonly inFlight: number;
  readonly run: (chunk: Chunk, watched: Pick<Where, "onProgress" | "signal">) => Promise<ChunkResult>;
  /** Why it is this one, in a sentence. */
  readonly why?: string;
  /** After the last chunk, or the first that failed. */
  readonly close?: () => Promise<void>;
}

/** Gets a device ready. */
export type Opening = (work: Work) => Promise<EnsembleDevice>;

/** What kernels run on in this process: one chunk after the other. */
export const ofKernels =
  (device: NonNullable<Where["device"]>): Opening =>
  ({ job, threads }) =>
    Promise.resolve({ inFlight: 1, run: (chunk, watched) => job(chunk, { ...watched, device, threads }) });
