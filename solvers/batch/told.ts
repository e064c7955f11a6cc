/** What kernels of batches are told, and tell, by name. */

/** What a trajectory is told. All trajectories are told the same. */
export const setting = {
  t0: 0,
  t1: 1,
  /** 1 or -1. */
  direction: 2,
  /** Steps of fixed length: their length and number. */
  h: 3,
  steps: 4,
  /** Controlled steps: the tolerance, steps at most in all and in a run of the kernel, and what part of t a step must exceed. */
  rtol: 5,
  mostSteps: 6,
  mostHere: 7,
  leastStep: 8,
  /** No controlled step is longer, or shorter. */
  longest: 9,
  shortest: 10,
} as const;
export const SETTINGS = 11;

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
export const SHARED = ["settings", "saveTimes"] as const;
