/** Solves with pullbacks by the methods that carry derivatives along. */
import type { GradientTask } from "../../task/task.ts";
import { componentDirections } from "../shared/directions.ts";
import { velocity } from "../shared/end-times.ts";
import type { SolveWithPullback } from "../shared/method.ts";
import type { ErrorControl } from "./dual-system.ts";
import { tangentsAlong } from "./tangents.ts";

/** Computes all derivatives of the saved states at once; each pullback is a product with them. */
export function forwardPullback(task: GradientTask, control: ErrorControl): SolveWithPullback {
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
