/** What kernels of batches are told, and tell, by name. */

/** The time span of a trajectory: all have the same, or each its own. */
export const span = {
  t0: 0,
  t1: 1,
  /** 1 or -1. */
  direction: 2,
  /** The length of fixed steps, signed. */
  h: 3,
  /** No controlled step is longer. */
  longest: 4,
} as const;
export const SPAN = 5;

/** What all trajectories are told alike. */
export const setting = {
  /** The number of steps of fixed length. */
  steps: 0,
  /** Controlled steps: the tolerance, steps at most in all and in a run of the kernel, and what part of t a step must exceed. */
  rtol: 1,
  mostSteps: 2,
  mostHere: 3,
  leastStep: 4,
  /** No controlled step is shorter. */
  shortest: 5,
  /** The length of the first one; 0: chosen. */
  first: 6,
} as const;
export const SETTINGS = 7;

/** What comes back of a trajectory: how it ended, steps taken and rejected, the number of times saved, the time that it came to, and the event that ended it: its index plus one, or 0. */
export const report = { outcome: 0, steps: 1, rejections: 2, saved: 3, end: 4, event: 5 } as const;
export const REPORTS = 6;

/**
 * How a trajectory ended, by the number in its report. A kernel tells of no lack of memory, which keeps it from running, and not that of
 * which only the derivatives one by one tell: an event ended a trajectory before a time of the loss, or it failed otherwise.
 */
export const outcomes = [
  "success",
  "tooManySteps",
  "stepUnderflow",
  "nonFinite",
  "notDifferentiable",
  "outOfMemory",
  "endlessEvents",
  "endedBeforeLoss",
  "failed",
  "nonFiniteJacobian",
  "singularMatrix",
  "convergenceFailure",
] as const;
export type Outcome = (typeof outcomes)[number];

/** Parameters that all trajectories have in common in any case. */
export const SHARED = ["settings"] as const;
