/** What has no second derivatives by the tangent of the problem (see tangent-code.ts): it is refused by name. */
import { integrateWith } from "../../solvers/solve/auto.ts";
import { stopsOf } from "../../solvers/step-loop/stops.ts";
import type { UnreadableFunction } from "../../src/read/syntax/errors.ts";
import { isMoved, timeMoves } from "../adjoints/shared/time-moves.ts";
import { JUMP } from "../switching/held-switches.ts";
import { movedEvents } from "./tangent-code.ts";
import { SecondDerivativesRefused } from "../task/errors.ts";
import { unreadEvents } from "../task/events.ts";
import { preparedFor, requestOf } from "../task/solve.ts";
import { crossingsOfTask } from "../task/steps.ts";
import type { UnplannedTask } from "../task/task.ts";

/**
 * Before anything is solved.
 *
 * @throws SecondDerivativesRefused, and ReadError where the right-hand side cannot be read.
 */
export function requireTangent(task: UnplannedTask): void {
  const { code, loss, problem, steps } = task;
  const refuse = (reason: string, remedy: string): never => {
    throw new SecondDerivativesRefused(problem.name, reason, remedy);
  };
  code.rhsProgram();
  const unread = unreadPart(task);
  if (unread) refuse(`a function runs by itself: ${unread.message.split("\n")[0].replace(/\.$/, "")}`, DIFFERENCES);
  if (loss.steady) refuse("the loss is of a steady state", "Take a loss { final } of a solve over a long time.");
  const [moving] = movedEvents({ ...problem, code });
  if (moving && code.mass) refuse(`${moving.name} takes place at a time that moves, and it ${code.implicitBy}`, DIFFERENCES);
  if (typeof steps.control?.norm === "object")
    refuse("norm is a function of the errors of the state", 'Leave it out, or take "max".');
}

export const DIFFERENCES = "Take differences of gradients: each of them is right.";

function unreadPart({ loss, code }: UnplannedTask): UnreadableFunction | undefined {
  return [loss.sum, loss.integral, loss.final, loss.all].find((part) => part?.unread)?.unread ?? unreadEvents(code)[0];
}

/**
 * Where the right-hand side, or the integrand of the loss, jumps at a time that parameters move, the tangent jumps too.
 *
 * @throws SecondDerivativesRefused
 */
export function requireStillStops(task: UnplannedTask): void {
  const moving = movedJump(task);
  if (!moving) return;
  throw new SecondDerivativesRefused(
    task.problem.name,
    `something jumps at t = ${moving.t}, a time that parameters move`,
    "State it as an event, { when: (u, p, t) => t - p.lag, apply }, which sets a component of the state or of p; or take differences of gradients.",
  );
}

/** A switch by the time that parameters move, and where something jumps. */
function movedJump(task: UnplannedTask): { readonly t: number } | undefined {
  const [t0, t1] = task.problem.tspan;
  const stops = stopsOf({ t0, t1, stops: crossingsOfTask(task).map(({ t }) => t) }).filter((stop) => isMoved(task, stop));
  if (stops.length === 0) return undefined;
  const n = task.u0.length;
  const request = { ...requestOf(task), saveat: stops.map(({ t }) => t) };
  const { savedStates } = integrateWith(preparedFor(task), task.solver, request).trajectory;
  return stops.find((stop, k) => {
    const state = savedStates.data.slice(k * n, (k + 1) * n);
    const size = Math.max(1e-300, ...state.map(Math.abs)) / Math.abs(t1 - t0);
    const moves = timeMoves(task, stop, state);
    return !moves || moves.some(({ jump, fall }) => [...jump].some((x) => Math.abs(x) > JUMP * size) || Math.abs(fall) > 0);
  });
}
