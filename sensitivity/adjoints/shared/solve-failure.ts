/** Solves for derivatives that did not reach their end, as errors that tell the time and the component. */
import { AdjointAborted, AdjointFailed, AdjointOutOfSteps, AdjointOutOfTime } from "../../../src/core/errors.ts";
import type { ResultKind, Trajectory } from "../../../solvers/step-loop/trajectory.ts";

const reasons: Readonly<Partial<Record<ResultKind, string>>> = {
  tooManySteps: "the largest number of steps allowed was not enough",
  stepUnderflow: "the step became too short to advance",
  nonFiniteJacobian: "the Jacobian of an implicit step is not finite",
  singularMatrix: "the matrix of an implicit step is singular",
};

/** Throws where a solve was ended by the caller's signal or limit of time; `who`: which solve. */
export function requireNotStopped(who: string, { result: { kind, t } }: Pick<Trajectory, "result">): void {
  if (kind === "aborted") throw new AdjointAborted(`${who} stopped at t = ${t}`);
  if (kind === "outOfTime") throw new AdjointOutOfTime(`${who} stopped at t = ${t}`);
}

/** `who` solved for what; `nameOf`: what a component of its state is. */
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
