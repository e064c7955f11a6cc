/** The choice of a method from the steps themselves: begin with an explicit method, change once stability holds it back. */
import { tsit5 } from "../methods/tsit5.ts";
import { integrate } from "../step-loop/integrate.ts";
import { DEFAULT_MAX_STEPS } from "../step-loop/limits.ts";
import type { IntegrationRequest } from "../step-loop/request.ts";
import type { ProblemCode } from "../../src/problem/code.ts";
import type { Method } from "../step/method.ts";
import type { Prepared } from "../step-loop/prepare.ts";
import { controlled } from "./step-control.ts";
import { rodas5P } from "../methods/rodas5p.ts";
import { addStatistics } from "../step-loop/statistics.ts";
import type { ResultKind, Trajectory } from "../step-loop/trajectory.ts";

/** Calls `use` with a system that is prepared for a method, and in use until that returns. */
export type WithPrepared = <T>(method: Method, use: (prepared: Prepared) => T) => T;

export interface Integrated {
  readonly trajectory: Trajectory;
  /** The method, or the methods with the time of the change, in words. */
  readonly solver: string;
  /** The method that reached the end. */
  readonly method: Method;
}

/** Failures that an implicit method may not meet. */
const BROKEN_DOWN: ReadonlySet<ResultKind> = new Set([
  "stepUnderflow",
  "nonFiniteDerivative",
  "singularMatrix",
  "nonFiniteJacobian",
]);

/**
 * Integrates with tsit5, and from where the problem shows itself to be stiff with rodas5P. Before a failure is final the implicit
 * method is tried, if stability had held the explicit one back: it goes on where steps ran out, and begins again from the start
 * where the solution broke down, which may be the work of the instability.
 */
function integrateAuto(withPrepared: WithPrepared, request: IntegrationRequest): Integrated {
  const explicit = tsit5();
  // Spread last: adding to what was spread takes microseconds.
  const watched = { stopWhenStiff: true, ...request };
  const trajectory = withPrepared(explicit, (prepared) => integrate(prepared, watched));
  const { kind, strained } = trajectory.result;
  const first =
    kind === "stiff" || kind === "tooManySteps"
      ? goOn(withPrepared, kind === "stiff" || strained ? rodas5P() : explicit, request, trajectory)
      : { trajectory, solver: explicit.name, method: explicit };
  return strained && BROKEN_DOWN.has(trajectory.result.kind) ? beginAgain(withPrepared, request, first) : first;
}

/** From where tsit5 stopped, with the steps that are left. */
function goOn(withPrepared: WithPrepared, method: Method, request: IntegrationRequest, trajectory: Trajectory): Integrated {
  const { t, h } = trajectory.result;
  const { steps, rejected } = trajectory.statistics;
  const maxSteps = (request.maxSteps ?? DEFAULT_MAX_STEPS) - steps - rejected;
  const rest: IntegrationRequest = { ...request, u0: trajectory.final.slice(), t0: t, firstStep: h, maxSteps };
  withPrepared(method, (prepared) => integrate(prepared, rest, trajectory));
  const { name } = tsit5();
  return { trajectory, solver: method.name === name ? name : `${name} -> ${method.name} at t = ${t}`, method };
}

/** With rodas5P alone; what failed remains where that comes no further. */
function beginAgain(withPrepared: WithPrepared, request: IntegrationRequest, failed: Integrated): Integrated {
  const method = rodas5P();
  request.onRestart?.();
  const trajectory = withPrepared(method, (prepared) => integrate(prepared, request));
  const { t } = failed.trajectory.result;
  const isFurther = Math.abs(trajectory.result.t - request.t0) > Math.abs(t - request.t0);
  if (trajectory.result.kind !== "success" && !isFurther) return failed;
  addEffort(trajectory, failed.trajectory);
  return { trajectory, solver: `${method.name} after ${tsit5().name} broke down at t = ${t}`, method };
}

/** What came to nothing was work all the same, by steps that do not count. */
export function addEffort({ statistics }: Trajectory, { statistics: vain }: Trajectory): void {
  addStatistics(statistics, { ...vain, steps: 0, rejected: vain.steps + vain.rejected });
}

/** What a problem is solved with where no method is named; undefined: by what its steps show. */
export function defaultSolver({ mass }: ProblemCode): Method | undefined {
  return mass ? rodas5P() : undefined;
}

/** Integrates with the method, or chooses one. */
export function integrateWith(withPrepared: WithPrepared, method: Method | undefined, request: IntegrationRequest): Integrated {
  const { control } = request;
  if (control) {
    const { control: _, ...rest } = request;
    return integrateWith((chosen, use) => withPrepared(controlled(chosen, control), use), method, rest);
  }
  if (method === undefined) return integrateAuto(withPrepared, request);
  // What is prepared is shared by methods of a name, whatever their steps' length.
  const fixedStep = method.dt;
  const asked = fixedStep === undefined ? request : { fixedStep, ...request };
  return { trajectory: withPrepared(method, (prepared) => integrate(prepared, asked)), solver: method.name, method };
}
