/** Warnings of the functions of a task that run by themselves, because they cannot be read or were misread. */
import { byItself, runsByItself } from "../../src/read/misreading.ts";
import { executionOf } from "../../solvers/systems/problem-system.ts";
import { maySwitchWithState, unseenSwitching } from "../../solvers/events/switching.ts";
import { unreadEvents } from "../task/events.ts";
import type { UnplannedTask } from "../task/task.ts";

const UNSEEN =
  "Where its comparisons switch with the state, at times which parameters or initial values move, and the derivative of the solution, " +
  "or the integrand of the loss, jumps there, what they do through those times is not in these derivatives.";

/** A warning for each such function, and for what they may hide. */
export function unreadWarnings({ code, loss, problem, p }: UnplannedTask): string[] {
  const { reason, warning = reason && byItself(reason) } = executionOf(code);
  const parts = [loss.sum?.unread, loss.integral?.unread, loss.final?.unread, loss.all?.unread, ...unreadEvents(code)];
  if (!warning && parts.every((error) => !error)) return [];
  const told = [...(warning ? [warning] : []), ...parts.flatMap((error) => (error ? [runsByItself(error)] : []))];
  const mayJump = Boolean(loss.integral?.unread) || maySwitchWithState(code, p, problem.tspan);
  return [...told, ...unseenSwitching(code, p, problem.tspan), ...(mayJump ? [UNSEEN] : [])];
}
