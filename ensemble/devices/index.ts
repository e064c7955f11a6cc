/** Where the chunks of an ensemble are done. */
import type { OdeProblem } from "../../src/problem/problem.ts";
import { UnknownDevice } from "../../src/devices/errors.ts";
import { runChunk } from "../chunks/chunk-job.ts";
import type { Chunk, ChunkResult } from "../chunks/chunk.ts";
import type { Where } from "../chunks/solved.ts";
import type { Task } from "../chunks/task.ts";

/** Chunks of one ensemble are done there. */
export interface EnsembleDevice {
  /** Chunks begun and not yet merged, at most. */
  readonly inFlight: number;
  /** Does a chunk. */
  readonly run: (chunk: Chunk, where: Pick<Where, "onProgress" | "signal">) => Promise<ChunkResult>;
  /** After the last one, or the first that failed. */
  readonly close?: () => Promise<void>;
}

/** Gets a device ready for a task. */
export type Opening = (problem: OdeProblem, task: Task) => Promise<EnsembleDevice>;

/** What the kernels of batches run on: one chunk after the other. */
const ofBatches =
  (device: Where["device"]): Opening =>
  (problem, task) =>
    Promise.resolve({ inFlight: 1, run: (chunk, where) => runChunk(problem, task, chunk, { ...where, device }) });

const devices = {
  cpu: ofBatches("cpu"),
  webgpu: ofBatches("webgpu"),
} as const satisfies Readonly<Record<string, Opening>>;

export type EnsembleDeviceName = keyof typeof devices;

/** Throws {@link UnknownDevice}. */
export function deviceNamed(name: string): Opening {
  if (!Object.hasOwn(devices, name)) throw new UnknownDevice(name, Object.keys(devices));
  return devices[name as EnsembleDeviceName];
}
