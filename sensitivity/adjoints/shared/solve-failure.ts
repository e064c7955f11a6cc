/** Errors of solves for derivatives that did not reach their end, which tell the time and the component. */
import { AdjointAborted, AdjointOutOfSteps, AdjointOutOfTime } from "../../task/errors.ts";
import { AdjointFailed } from "../../../src/core/errors.ts";
import type { ResultKind, Trajectory } from "../../../solvers/step-loop/trajectory.ts";

const reasons: Readonly<Partial<Record<ResultKind, string>>> = {
  tooManySteps: "the largest number of steps allowed was not enough",
  stepUnderflow: "the step became too short to advance",
  nonFiniteJacobian: "the Jacobian of an implicit step is not finite",
  convergenceFailure: "the iterations of an implicit step do not converge",
  singularMatrix: "the matrix of an implicit step is singular",
};

/**
 * Requires that the user did not stop the solve. `who` is the subject of the message.
 *
 * @throws AdjointAborted, AdjointOutOfTime
 */
export function requireNotStopped(who: string, { result: { kind, t } }: Pick<Trajectory, "result">): void {
  if (kind === "aborted") throw new AdjointAborted(`${who} stopped at t = ${t}`);
  if (kind === "outOfTime") throw new AdjointOutOfTime(`${who} stopped at t = ${t}`);
}

/**
 * The error of a solve that failed. `who` is the subject of the message, and `nameOf` gives the names of components.
 *
 * @throws As {@link requireNotStopped} does.
 */
export function solveFailure(
  who: string,
  trajectory: Trajectory,
  nameOf: (component: number) => string,
  remedy: string,
): AdjointFailed {
  requireNotStopped(who, trajectory);
  const {
    result: { kind, t, component },
    final,
  } = trajectory;
  const largest = final.reduce((best, x, i) => (Math.abs(x) > Math.abs(final[best]) ? i : best), 0);
  const why =
    component === undefined
      ? `${reasons[kind] ?? kind}; largest is ${nameOf(largest)}, ${final[largest]}`
      : `the derivative of ${nameOf(component)} is not finite`;
  const Failure = kind === "tooManySteps" ? AdjointOutOfSteps : AdjointFailed;
  return new Failure(`${who} stopped at t = ${t}: ${why}. ${remedy}`);
}
