/** Jobs on other machines, as the library hands them over; `cluster` of `odegrad/cluster` makes what does them. */
import type { AbortSignalLike } from "../core/options/abort-signal.ts";
import type { OdeProblem } from "../problem/problem.ts";

/** Jobs that do not depend on each other, and what they have in common: plain data that structured cloning keeps. */
export interface ClusterWork {
  /** What a job is: a chunk of an ensemble, a fit from a start, a chain of draws. */
  readonly kind: "chunk" | "start" | "chain";
  /** Held against the one that workers find where they look for it. */
  readonly problem: OdeProblem;
  /** What every job takes. */
  readonly shared?: unknown;
  /** Of a result, about; of little by default. */
  readonly bytes?: number;
}

export interface ClusterJob {
  readonly index: number;
  /** What it takes, besides what is shared. */
  readonly own: unknown;
  /** How many trajectories it solves; 1 by default. */
  readonly size?: number;
  readonly onProgress?: (progress: number) => void;
  readonly signal?: AbortSignalLike;
}

/** Jobs of one kind and problem on their way. */
export interface ClusterSession {
  /** Jobs that are best under way at a time. */
  readonly inFlight: number;
  /** Its result. The first that fails, or that is aborted, ends all. */
  readonly run: (job: ClusterJob) => Promise<unknown>;
  /** Takes back what is left. Called once, also where something failed. */
  readonly close: () => Promise<void>;
}

/** Where jobs go to other machines. */
export interface ClusterLike {
  readonly name: "cluster";
  readonly open: (work: ClusterWork) => Promise<ClusterSession>;
}
