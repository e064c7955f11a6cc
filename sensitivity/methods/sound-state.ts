/** Of a state with derivatives along directions behind it: is it the state itself that failed? */
import type { Integrated } from "../../solvers/auto.ts";
import { failureOf } from "../../solvers/failure.ts";
import { sceneOf, singularity } from "../../solvers/post-mortem.ts";
import { Trajectory } from "../../solvers/trajectory.ts";
import type { GradientTask } from "./method.ts";

/** Throws SolveFailed where it is the state itself, of n components, that broke down. */
export function requireSound({ code, p }: GradientTask, { trajectory, solver }: Integrated, n: number): void {
  const { result, request, times, statistics, method } = trajectory;
  const state = new Trajectory(n, false, new Float64Array(0));
  const { atol, u0 } = request!;
  const own = { u0: u0.subarray(0, n), atol: typeof atol === "number" ? atol : atol.subarray(0, n) };
  state.final.set(trajectory.final.subarray(0, n));
  Object.assign(state, { result, times, statistics, method, request: { ...request, ...own } });
  const ofState = result.kind === "nonFiniteDerivative" && result.component !== undefined && result.component < n;
  if (ofState || (result.kind === "stepUnderflow" && singularity(sceneOf(code, p, state))))
    throw failureOf(code, p, state, solver);
}
