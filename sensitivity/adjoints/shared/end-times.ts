/**
 * Derivatives with respect to the ends of tspan, where times of events and of the loss stay where they are. At an end that is
 * such a time they are those of a span made longer.
 */
import { algebraicEquationsOf } from "../../../solvers/systems/algebraic-equations.ts";
import { compiledAlone } from "../../../src/problem/comparison.ts";
import type { Trajectory } from "../../../solvers/step-loop/trajectory.ts";
import { EndedBeforeLoss } from "../../task/errors.ts";
import type { AppliedLoss } from "../../losses/compiled.ts";
import type { GradientTask, UnplannedTask } from "../../task/task.ts";

/** dL/dt1 = h(u(t1)) + (∂φ/∂u) f(u(t1)), φ the terminal part of the loss, its derivative given; 0 where an event ended the solve before. */
export function derivativeByEnd(
  task: GradientTask,
  { terminated }: Pick<Trajectory, "terminated">,
  final: Float64Array,
  phiBar: Float64Array,
  loss: AppliedLoss,
): number {
  if (terminated) return 0;
  const t1 = task.problem.tspan[1];
  return dot(phiBar, velocity(task, final, t1)) + loss.integrand(t1, final);
}

/** dL/dt0 = -λ(t0)ᵀ f(u0) - h(u0). */
export function derivativeByStart(task: GradientTask, lambda: Float64Array, loss: AppliedLoss): number {
  const t0 = task.problem.tspan[0];
  return -dot(lambda, velocity(task, task.u0, t0)) - loss.integrand(t0, task.u0);
}

/**
 * The derivative of the state by time: the right-hand side by the user's own function, as a few calls are not worth compiling; with a mass
 * matrix by the equations; where decisions on the state turn out by the time, by the program that has it so.
 */
export function velocity({ code, p, target, fillSchedule }: UnplannedTask, u: Float64Array, t: number): Float64Array {
  const equations = algebraicEquationsOf(code, target);
  if (equations) return equations.slope(u, p, t);
  if (fillSchedule) return compiledAlone(code.rhsProgram(), target).run([undefined, u, p], [t]).arrays[0].slice();
  const du = new Float64Array(u.length);
  code.plain(du, u.slice(), p.slice(), t);
  return du;
}

function dot(x: Float64Array, y: Float64Array): number {
  return x.reduce((sum, value, i) => sum + value * y[i], 0);
}

/** @throws {@link EndedBeforeLoss} where an event ended the solve before a time at which the loss, or who asked, sees a state. */
export function requireLossTimes({ loss, problem }: UnplannedTask, { terminated, savedTimes, result }: Trajectory): void {
  const { length } = savedTimes;
  if (!terminated || length === loss.times.length) return;
  throw new EndedBeforeLoss(
    `${problem.name}: an event ended the solve at t = ${result.t}, and a state is asked for at t = ${loss.times[length]}. Ask for earlier ` +
      "times only, or for the state at the end: { final }.",
  );
}
