/** What errors of trajectories that are done one by one say of these. */
import { AdjointFailed, NonFinite } from "../../src/core/errors.ts";
import { isOfOne } from "../../solvers/batch/own-failure.ts";
import type { Outcome } from "../../solvers/batch/told.ts";
import { SolveFailed } from "../../solvers/solution/errors.ts";
import type { ResultKind, Trajectory } from "../../solvers/step-loop/trajectory.ts";
import { BadLoss, NonFiniteLoss } from "../losses/errors.ts";
import { EndedBeforeLoss } from "../task/errors.ts";

/**
 * As solves and batches end; "badInput" of one whose initial state, parameters or time span are not finite; else the name of the error that a solve
 * of its own throws, as "BadEvents" where the times of events are not finite.
 */
export type FailureReason = Exclude<Outcome | ResultKind, "success" | "stiff" | "paused"> | "badInput" | ErrorName;
type ErrorName = string & Record<never, never>;

/** With the time that it came to: of one that failed on the way back, the end of its span. Throws what is no failure of a trajectory. */
export function failureOf(error: unknown, [t0, t1]: readonly [number, number]): readonly [FailureReason, number] {
  if (error instanceof SolveFailed) {
    const { kind, t } = (error.solution as Trajectory).result;
    return [kind as FailureReason, t];
  }
  if (error instanceof EndedBeforeLoss) return ["endedBeforeLoss", t1];
  if (error instanceof AdjointFailed) return ["notDifferentiable", t1];
  if (error instanceof NonFiniteLoss) return ["nonFinite", t1];
  if (error instanceof NonFinite) return ["nonFinite", error.t ?? t0];
  if (isOfOne(error) || error instanceof BadLoss) return [error.name, t0];
  throw error;
}

/** Is it the name of an error, and no outcome of a solve? */
export function isErrorName(reason: FailureReason): boolean {
  return /^[A-Z]/.test(reason);
}
