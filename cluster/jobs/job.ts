/** What is in Redis of a run, its jobs and their results. */
import type { ClusterWork } from "../../src/devices/cluster-like.ts";
import type { ModuleReference, ProblemReference } from "../problem/reference.ts";
import type { Signature } from "../problem/signature.ts";

/** What all jobs of a run have in common, sealed. */
export interface RunData {
  readonly kind: ClusterWork["kind"];
  readonly reference: ProblemReference;
  readonly signature: Signature;
  /** The module whose exports functions go by the names of. */
  readonly functions?: ModuleReference;
  readonly shared: unknown;
}

export interface JobData {
  /** Of the library. */
  readonly version: string;
  readonly run: string;
  readonly index: number;
  /** What the job takes besides, sealed, in base64. */
  readonly own: string;
}

/** Sealed. */
export interface JobResult {
  readonly index: number;
  /** How many trajectories it is of. */
  readonly count: number;
  /** How long the work itself took. */
  readonly seconds: number;
  readonly result: unknown;
}

/** How a failure is written that trying again does not mend: the error's name, and its message. */
export const FINAL = /^(\w+)! ([\s\S]*)$/;

export function finalReason({ name, message }: Error): string {
  return `${name}! ${message}`;
}
