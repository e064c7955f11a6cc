/** Events as programs, for all methods that differentiate through them. */
import { memo } from "../../src/core/memo.ts";
import { comparedOperator } from "../../src/problem/agreement.ts";
import { requireAgreement } from "../../src/problem/comparison.ts";
import type { ProblemCode } from "../../src/problem/code.ts";
import type { Operator } from "../../src/problem/operator.ts";
import { derivativesOf } from "../../src/derive/program-derivatives.ts";
import type { UnreadableFunction } from "../../src/read/syntax/errors.ts";
import type { Program } from "../../src/ir/ir.ts";
import { isTraceable, tracedProgram } from "../../src/tape/traced-program.ts";
import { eventsWithin } from "../../solvers/events/events.ts";
import type { TimedEvents } from "../../solvers/step-loop/request.ts";
import type { UnplannedTask } from "./task.ts";

/** The programs of a problem's events: their change of the state, and its vector-Jacobian products. */
export interface EventPrograms {
  /** (output u_after[n], input u[n], input p[np], scalar t) */
  readonly apply: Program;
  /** (input u[n], input p[np], scalar t, input u_after_bar[n], output u_bar[n]): u_bar = (∂e/∂u)ᵀ u_after_bar. */
  readonly wrtU: Program;
  /** (input u[n], input p[np], scalar t, input u_after_bar[n], output p_bar[np]): p_bar = (∂e/∂p)ᵀ u_after_bar. */
  readonly wrtP: Program;
}

/**
 * The program (output u_after[n], input u[n], input p[np], scalar t). A function that cannot be read is called by it, with derivatives by
 * its tape. Undefined without events.
 *
 * @throws ReadError where the function can be neither read nor traced.
 */
export function eventProgramOf(code: ProblemCode): Program | undefined {
  const { apply } = code.operators;
  if (!apply) return undefined;
  return unreadEvent(code) ? tracedEvent(apply) : apply.program();
}

const tracedEvent = memo((apply: Operator): Program => tracedProgram(apply));

/** Why the events' function runs by itself; undefined where it can be read. */
export function unreadEvent(code: ProblemCode): UnreadableFunction | undefined {
  try {
    code.operators.apply?.program();
    return undefined;
  } catch (error) {
    if (isTraceable(error)) return error;
    throw error;
  }
}

/** The programs of the events, or undefined without events. Throws as {@link eventProgramOf} does. */
export function eventPrograms(code: ProblemCode): EventPrograms | undefined {
  const apply = eventProgramOf(code);
  if (!apply) return undefined;
  const derivatives = derivativesOf(apply);
  return { apply, wrtU: derivatives.vjp(["u"]), wrtP: derivatives.vjp(["p"]) };
}

/** The events of a task. Their `apply` throws MisreadFunction where what was read of them does something else than the function. */
export function comparedEvents({ code, problem, p, target }: UnplannedTask): TimedEvents | undefined {
  const events = eventsWithin(problem, p, problem.tspan);
  const compared = events && !unreadEvent(code) ? comparedOperator(code.operators.apply!) : undefined;
  if (!compared) return events;
  return {
    times: events!.times,
    apply(u, t) {
      requireAgreement(compared, { u, p, t }, target);
      events!.apply(u, t);
    },
  };
}
