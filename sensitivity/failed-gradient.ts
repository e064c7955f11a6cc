/** Stand-ins for gradients of solves that fail, for optimisers. */
import { AdjointAborted } from "./task/errors.ts";
import { AdjointFailed, NotDifferentiable, type OdegradError } from "../src/core/errors.ts";
import { NonFiniteLoss } from "./losses/errors.ts";
import { SolveAborted, SolveFailed } from "../solvers/solution/errors.ts";
import type { OdeProblem } from "../src/problem/problem.ts";
import { shapedGradient, type FlatParts, type ShapedGradient, type WithRespectTo, type Wrt } from "./task/shaped-gradient.ts";

/**
 * What `onFailure: "infinity"` returns where the solve fails, its derivatives do not reach their end, or the loss is not finite: a
 * value that every line search turns back from, and a gradient of zeros, which leaves the averages of an optimiser without one clean.
 */
export interface FailedGradient<U = unknown, P = unknown, W extends Wrt = Wrt> {
  /** Infinity. */
  readonly value: number;
  /** Zeros, as a {@link Gradient} has them. */
  readonly gradient: ShapedGradient<U, P, W>;
  readonly flat: FlatParts<W>;
  /** The error that would have been thrown. */
  readonly failure: OdegradError;
}

/** Whether a failure depends on the values: other parameters, or another initial state, may not have it. */
export function dependsOnValues(error: unknown): error is OdegradError {
  if (error instanceof SolveAborted || error instanceof AdjointAborted || error instanceof NotDifferentiable) return false;
  return error instanceof SolveFailed || error instanceof AdjointFailed || error instanceof NonFiniteLoss;
}

/** The stand-in for a gradient by what `wrt` names. */
export function failedGradient<U, P>(
  { layout }: Pick<OdeProblem<U, P>, "layout">,
  wrt: readonly WithRespectTo[],
  failure: OdegradError,
  times = 0,
): FailedGradient<U, P> {
  const flat: FlatParts = {
    ...(wrt.includes("p") && { p: new Float64Array(layout.p.size) }),
    ...(wrt.includes("u0") && { u0: new Float64Array(layout.u.size) }),
  };
  const ends = { t0: wrt.includes("t0") ? 0 : undefined, t1: wrt.includes("t1") ? 0 : undefined };
  const at = wrt.includes("at") ? new Float64Array(times) : undefined;
  return { value: Infinity, gradient: shapedGradient<U, P>(layout, { ...flat, ...ends, at }), flat, failure };
}
