/** What errors of trajectories that are done one by one say in the list of failures. */
import { AdjointFailed, NonFinite } from "../../src/core/errors.ts";
import { isOfOne } from "../../solvers/batch/own-failure.ts";
import { SolveFailed } from "../../solvers/solution/errors.ts";
import type { Trajectory } from "../../solvers/step-loop/trajectory.ts";
import { BadLoss, NonFiniteLoss } from "../../sensitivity/losses/errors.ts";
import { EndedBeforeLoss } from "../../sensitivity/task/errors.ts";
import type { FailureReason } from "./chunk.ts";

/** Of one that failed on the way back, the end of its span. Throws what is no failure of a trajectory. */
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
