/** Events as programs, for all methods that differentiate through them. */
import { memo } from "../../src/core/memo.ts";
import type { ProblemCode } from "../../src/problem/code.ts";
import type { Operator } from "../../src/problem/operator.ts";
import { eventPointsFrom, type Start, type TriedPoint } from "../../src/problem/points.ts";
import type { Target } from "../../src/compile/compile.ts";
import type { UnreadableFunction } from "../../src/read/syntax/errors.ts";
import { Builder } from "../../src/ir/builder.ts";
import { inline } from "../../src/ir/clone.ts";
import type { ArrayArgument, ArrayDeclaration, Program } from "../../src/ir/ir.ts";
import { isTraceable, tracedProgram } from "../../src/tape/traced-program.ts";
import { checkEvents as checkReadEvents, comparing } from "../../solvers/events/agreement.ts";
import { eventsWithin } from "../../solvers/events/events.ts";
import { requireChangesNoMore, type Given } from "../../solvers/events/kept-state.ts";
import type { OdeProblem } from "../../src/problem/problem.ts";
import type { RequestedEvents } from "../../solvers/step-loop/request.ts";
import type { LossPrograms } from "../losses/loss.ts";
import type { UnplannedTask } from "./task.ts";

/** The programs of an event. */
export interface EventPrograms {
  /** (output times, input p[np]); absent of an event whose times are given, or that is one of the state. */
  readonly times?: Program;
  /** (input u[n], input p[np], scalar t), which returns what crosses zero; absent of an event at given times. */
  readonly when?: Program;
  /** (output u_after[n], input u[n], input p[np], scalar t, scalar index); absent of an event that changes nothing. */
  readonly apply?: Program;
}

/**
 * The programs of each event. Functions that cannot be read are called by theirs, with derivatives by their tapes.
 *
 * @throws ReadError where a function can be neither read nor traced.
 */
export function eventProgramsOf(code: ProblemCode): readonly EventPrograms[] {
  return code.events.map(({ times, when, apply }) => ({
    times: times && programOf(times),
    when: when && programOf(when),
    apply: apply && programOf(apply),
  }));
}

/** That of a function; of one that cannot be read by calls of it, with derivatives by its tape. Throws ReadError where it cannot be traced. */
export function programOf(operator: Operator): Program {
  return unread(operator) ? tracedEvent(operator) : operator.program();
}

const tracedEvent = memo((operator: Operator): Program => tracedProgram(operator));

/** Why a function runs by itself; undefined where it can be read. */
function unread(operator: Operator): UnreadableFunction | undefined {
  try {
    operator.program();
    return undefined;
  } catch (error) {
    if (isTraceable(error)) return error;
    throw error;
  }
}

/** Why functions of events run by themselves. */
export function unreadEvents(code: ProblemCode): readonly UnreadableFunction[] {
  return code.events
    .flatMap(({ times, when, apply }) => [times && unread(times), when && unread(when), apply && unread(apply)])
    .filter((error) => error !== undefined);
}

/**
 * Of each event a program (output u_after[n], input u[n], input p[np], scalar t, scalar index) that says what its change depends on: where it takes place
 * at a time that moves, everything depends on what moves that. Its values mean nothing.
 */
export function eventChangesOf(code: ProblemCode): readonly Program[] {
  return eventProgramsOf(code).map((programs) => {
    const { times, when, apply } = programs;
    return times || when ? changeWith(programs, code.layout.u.size, code.layout.p.size) : apply!;
  });
}

function changeWith({ times, when, apply }: EventPrograms, n: number, np: number): Program {
  const b = new Builder("change");
  const whole = (array: ArrayDeclaration): ArrayArgument => ({ array, offset: b.i32(0) });
  const after = b.arrayParameter("u_after", n, "output");
  const inputs = [whole(b.arrayParameter("u", n, "input")), whole(b.arrayParameter("p", np, "input"))];
  const [t, index] = [b.scalarParameter("t"), b.scalarParameter("index", "i32")];
  const changed = b.localArray("changed", n);
  if (apply) inline(b, apply, [whole(changed), ...inputs, t, index]);
  const at = times?.parameters[0];
  const found = at?.kind === "array" ? b.localArray("times", at.array.size) : undefined;
  if (found) inline(b, times!, [whole(found), inputs[1]]);
  const moved = found ? b.load(found, index) : inline(b, when!, [...inputs, t])!;
  b.for(b.i32(0), b.i32(n), 1, [], (i) => {
    b.store(after, i, b.operation("add", b.load(apply ? changed : inputs[0].array, i), moved));
    return [];
  });
  return b.finish();
}

/** The conditions of events that end the solve: what the loss is at the end depends on them. */
export function endingConditionsOf({ code, events = [] }: OdeProblem): readonly Program[] {
  return eventProgramsOf(code).flatMap(({ when }, k) => (when && events[k].terminal ? [when] : []));
}

/** Compares what was read of events with the functions, where none was compared before. Throws as checkAgreement does. */
export function checkEvents(problem: OdeProblem, at: Start, target: Target): void {
  checkReadEvents(problem, at, target, readable);
}

/**
 * What is compiled of an event changes nothing that its function captures: nothing of the problem, or of the loss, may depend on that.
 * Throws ReadBeforeWrite.
 */
export function requireEventsChangeNoMore({ code }: OdeProblem, at: Start, { plain }: LossPrograms): void {
  const scalars = { sum: (t: number) => [t, 0], integral: (t: number) => [t], final: () => [], steady: () => [] };
  const ofLoss = ({ u, p, t }: TriedPoint): Given[] =>
    Object.entries(scalars).flatMap(([key, of]) => {
      const part = plain?.[key as keyof typeof scalars];
      return part ? { name: `loss.${key === "sum" ? "of" : key}`, value: part(u, p, of(t)) } : [];
    });
  for (const { apply } of code.events) if (apply) requireChangesNoMore(code, apply, eventPointsFrom(at), ofLoss);
}

function readable({ name, times, when, apply }: ProblemCode["events"][number]): ProblemCode["events"][number] {
  const ifRead = (operator: Operator | undefined): Operator | undefined => (operator && !unread(operator) ? operator : undefined);
  return { name, times: ifRead(times), when: ifRead(when), apply: ifRead(apply) };
}

/** Events of the state whose times are known are like those at given times: of several at once they come first. */
function withTimesOf({ eventsMet, problem: { tspan } }: UnplannedTask, events: RequestedEvents): RequestedEvents {
  if (!eventsMet) return events;
  const direction = Math.sign(tspan[1] - tspan[0]);
  const given = events.times.map((t, k) => ({ t, event: events.which[k], index: events.indices[k] }));
  const all = [...eventsMet, ...given].sort((a, b) => direction * (a.t - b.t));
  return {
    ...events,
    times: all.map(({ t }) => t),
    which: all.map(({ event }) => event),
    indices: all.map(({ index }) => index),
    conditions: events.conditions.filter(({ event }) => events.ends(event)),
  };
}

/** The events of a task. Their `apply` throws MisreadFunction where what was read of them does something else than the functions. */
export function comparedEvents(task: UnplannedTask): RequestedEvents | undefined {
  const { code, problem, p, target } = task;
  const all = eventsWithin({ ...problem, code }, p, problem.tspan);
  if (!all) return undefined;
  return comparing(withTimesOf(task, all), code.events.map(readable), { n: problem.layout.u.size, p, target });
}
