/** Forward passes: solves that losses from outside can be taken back over, any number of times. */
import type { Trajectory } from "../../solvers/step-loop/trajectory.ts";
import type { AppliedLoss } from "./compiled-loss.ts";
import type { ContinuousAdjoint } from "./continuous.ts";
import { componentDirections } from "./directions.ts";
import type { ErrorControl } from "./dual-system.ts";
import { velocity } from "./end-times.ts";
import { solveForward } from "./forward-solve.ts";
import type { FlatGradient, GradientTask } from "./method.ts";
import { tangentsAlong } from "./tangents.ts";
import { goBack } from "./way-back.ts";

export interface ForwardPass {
  /** With the states at the times of the task's loss. */
  readonly trajectory: Trajectory;
  readonly solver: string;
  /** The derivatives of a loss whose derivatives by the saved states are these, n each. */
  readonly pullBack: (cotangents: Float64Array) => Pick<FlatGradient, "p" | "u0" | "t0">;
}

/** The forward solution is kept as the method keeps it; each pullback is one solve of the adjoint equations. */
export function continuousPass(variant: ContinuousAdjoint, task: GradientTask): ForwardPass {
  const n = task.u0.length;
  const forward = solveForward(task, variant.traits.memory);
  const { trajectory, solver } = forward;
  return { trajectory, solver, pullBack: (cotangents) => goBack(variant, task, forward, outsideLoss(n, cotangents)) };
}

/** A loss of which only the derivatives by the saved states are known, n each. */
export function outsideLoss(n: number, cotangents: Float64Array): AppliedLoss {
  return {
    summand: (k, _state, uBar) => {
      for (let i = 0; i < n; i++) uBar[i] += cotangents[k * n + i];
      return 0;
    },
    final: () => 0,
    integrand: () => 0,
    integrandGradient: () => 0,
  };
}

/** All derivatives of the states are computed at once; each pullback is a product with them. */
export function forwardPass(task: GradientTask, control: ErrorControl): ForwardPass {
  const { wrt, u0, problem } = task;
  const { directions, scales } = componentDirections(task);
  const later = wrt.t0 ? [{ u0: velocity(task, u0, problem.tspan[0]).map((f) => -f) }] : [];
  const { trajectory, solver, slopes } = tangentsAlong(task, [...directions, ...later], control);
  return {
    trajectory,
    solver,
    pullBack(cotangents) {
      const along = slopes.map((slope) => slope.reduce((sum, x, i) => sum + x * cotangents[i], 0));
      const { length: parameters } = scales.p;
      return {
        p: wrt.p ? scales.p.map((scale, j) => along[j] / scale) : undefined,
        u0: wrt.u0 ? scales.u0.map((scale, i) => along[parameters + i] / scale) : undefined,
        t0: wrt.t0 ? along[parameters + scales.u0.length] : undefined,
      };
    },
  };
}
