/** The switches along a solution that is differentiated, and whether the derivatives contain what moves their times. */
import { memo } from "../../src/core/memo.ts";
import type { Layout } from "../../src/arrays/layout.ts";
import type { ProblemCode } from "../../src/problem/code.ts";
import { outcomesOf, type Outcomes } from "../../src/analysis/switching/outcomes.ts";
import { reaching } from "../../src/analysis/structure.ts";
import { branchesIn, systemOf } from "../../solvers/systems/problem-system.ts";
import { decisionsNotHeld, type Branches } from "../../src/analysis/switching/branches.ts";
import { codeThrough } from "../../src/problem/code.ts";
import { fillSchedule, scheduleOf } from "../../src/analysis/switching/schedule.ts";
import type { BranchModes } from "../../solvers/step-loop/trajectory.ts";
import { stopsOf } from "../../solvers/step-loop/stops.ts";
import { timeSwitches, written, type Switch } from "../../solvers/events/switches.ts";
import { unresolvedIn } from "../../solvers/events/switching.ts";
import { eventChangesOf } from "../task/events.ts";
import { componentOf } from "../task/finite-gradient.ts";
import { eventsMetIn, jumpAt, stateSwitch, stillStops, type CrossingTime } from "./held-switches.ts";
import { integrandJump, type IntegrandJump } from "./integrand-jumps.ts";
import { appliedLoss } from "../losses/compiled.ts";
import { velocity } from "../adjoints/shared/end-times.ts";
import type { EventMet, GradientTask, StateSwitch, UnplannedTask } from "../task/task.ts";
import { crossingsAt, timeSlopes } from "../adjoints/shared/saltation.ts";
import { crossingsOfTask } from "../task/steps.ts";
import { crossingsAlong, MOST_CROSSINGS, type WatchedProgram } from "./state-crossings.ts";

/** The switches by the time, which are known before the solve. */
export function switchesInTime(task: UnplannedTask): ReportedSwitch[] {
  const { problem } = task;
  const crossings = crossingsOfTask(task);
  if (crossings.length === 0) return [];
  const switches = timeSwitches(crossings, problem.name, (j) => componentOf("p", problem.layout.p, j));
  if (!task.wrt.p || switches.every(({ by }) => by.length === 0)) return switches;
  const [t0, t1] = problem.tspan;
  const together = stopsOf({ t0, t1, stops: crossings.map(({ t }) => t) }).filter(
    (stop) => crossingsAt(task, stop).some(({ slopes }) => slopes().size > 0) && !timeSlopes(task, stop),
  );
  const isApart = (t: number): boolean => !together.some(({ end, start }) => (t - end) * (start - t) >= 0);
  return switches.map((one) => (one.by.length === 0 ? one : { ...one, differentiated: one.times.every(isApart) }));
}

/** The largest number of times of one switch that are listed. */
const MOST_TIMES = 100;
/** A difference between two sides counts as a jump above this part of the largest value in the step. */
const JUMP = 1e-7;
/** The number of parts of the span in which the decisions of an integrand are taken, as steps need not follow them. */
const PARTS = 256;

/** The switches by the state, and the jumps that they make in the loss's integrand. */
export interface SwitchesInState {
  readonly switches: readonly ReportedSwitch[];
  readonly jumps: readonly IntegrandJump[];
  /** The jumps of the right-hand side whose times are differentiated where the task has them. */
  readonly stateSwitches: readonly StateSwitch[];
  /** How decisions of the right-hand side turn out along the solution, where that is known of all. */
  readonly branchModes?: readonly BranchModes[];
  /** The events of the state that took place, but for one that ended the solve. */
  readonly eventsMet?: readonly EventMet[];
}

/** A switch, and why its time is not differentiated. */
type ReportedSwitch = Switch & { readonly why?: string };

const NONE: SwitchesInState = { switches: [], jumps: [], stateSwitches: [] };

const outcomesKept = memo(outcomesOf);

/** The decisions of the right-hand side on the state; undefined where there are none. */
export function outcomesIn(code: ProblemCode): Outcomes | undefined {
  return systemOf(code) && outcomesKept(code.rhsProgram());
}

/**
 * The switches by the state whose two sides differ, found along a forward solve where functions decide on the state at all; `follows`: are the times at which the right-hand side jumps
 * differentiated?
 */
export function switchesInState(task: GradientTask, follows = true): SwitchesInState {
  const { code, ignoresSwitches } = task;
  // What algebraic equations determine may jump there too.
  if (!follows || code.mass || ignoresSwitches) return lookForSwitches(task, false);
  const branches = branchesIn(code);
  if (branches && decisionsNotHeld(code.rhsProgram()).length === 0) return lookForSwitches(task, true, branches);
  const found = lookForSwitches(task, true);
  // A step over a jump knows little of when it was: they are looked for again by steps that end about there.
  return found.stateSwitches.length > 0 ? lookForSwitches(followingSwitches(task, found), true) : found;
}

/** `branches`: of the decisions of the right-hand side, where all are held. */
function lookForSwitches(task: GradientTask, follows: boolean, branches?: Branches): SwitchesInState {
  const { code, loss } = task;
  const ofRhs = outcomesIn(code);
  const integrand = loss.integral?.value;
  const ofIntegrand = integrand && outcomesKept(integrand);
  if (!ofRhs && !ofIntegrand && !branches) return NONE;
  const along = crossingsAlong(
    task,
    branches ? undefined : ofRhs && { outcomes: ofRhs, parts: 1, examine: rhsJumps(task) },
    ofIntegrand && { outcomes: ofIntegrand, parts: PARTS, examine: integrandJumps(task) },
    branches,
  );
  const inIntegrand = along.second;
  const inRhs = branches ? along.switches.flatMap((one) => jumpAt(task, outcomesIn(code)!, branches, one) ?? []) : along.first;
  const isWhole = inIntegrand.length < MOST_CROSSINGS;
  const [moving, others] = [true, false].map((moves) =>
    inIntegrand.filter(({ jump }) => (isWhole && jump !== undefined) === moves),
  );
  const isRhsWhole = inRhs.length < MOST_CROSSINGS;
  const [followed, unfollowed] = [true, false].map((moves) =>
    inRhs.filter(({ moving }) => (follows && isRhsWhole && moving !== undefined) === moves),
  );
  const lostInRhs = !follows
    ? "where the derivative of the solution jumps"
    : isRhsWhole
      ? "where the derivative of the solution jumps as something else switches, or a condition touches zero or holds the solution, so there is a derivative to either side only"
      : "where the derivative of the solution jumps, too often to follow";
  const lost = isWhole
    ? "where the integrand of the loss jumps as something else switches, or a condition touches zero and does not cross it, so there is a derivative to either side only"
    : "where the integrand of the loss jumps, too often to follow";
  return {
    switches: [
      ...(ofRhs ? [...listed(task, ofRhs, followed), ...listed(task, ofRhs, unfollowed, lostInRhs)] : []),
      ...(ofIntegrand ? [...listed(task, ofIntegrand, moving), ...listed(task, ofIntegrand, others, lost)] : []),
    ],
    jumps: moving.map(({ jump }) => jump!),
    branchModes: along.branchModes,
    eventsMet: eventsMetIn(task, along.events),
    stateSwitches: [...followed.map((crossing) => crossing.moving!), ...stillStops(task, along)].sort(
      (a, b) => Math.sign(task.problem.tspan[1] - task.problem.tspan[0]) * (a.t - b.t),
    ),
  };
}

/** The task that stops at the switches by the state, and moves with their times. */
export function followingSwitches(
  task: GradientTask,
  { stateSwitches, branchModes = [], eventsMet }: SwitchesInState,
): GradientTask {
  if (stateSwitches.length === 0) return task;
  const stopping = { ...task, stateSwitches };
  // Products by the function itself, as on tapes, are made where its decisions are the state's: so are its steps then.
  if (!task.backend.capabilities.programs) return stopping;
  if (branchModes.length < 2) return stopping;
  const { code, problem } = task;
  const schedule = scheduleOf(code.rhsProgram(), branchModes.length);
  const [t0, t1] = problem.tspan;
  const fill = (): void => fillSchedule(schedule, t1 < t0 ? -1 : 1, branchModes);
  fill();
  const { onProgress } = task;
  return {
    ...stopping,
    code: codeThrough(code, schedule.program),
    eventsMet,
    fillSchedule: fill,
    // What the caller does meanwhile may be a gradient of the same function.
    onProgress: onProgress && ((progress) => (onProgress(progress), fill())),
  };
}

/** One switch for each decision that changes. */
function listed(
  { code, problem }: GradientTask,
  { decisions }: Outcomes,
  crossings: readonly CrossingTime[],
  why?: string,
): ReportedSwitch[] {
  return decisions.flatMap(({ source, p, u }, k): ReportedSwitch[] => {
    const times = crossings.filter((crossing) => crossing.decisions.includes(k)).map(({ t }) => t);
    if (times.length === 0) return [];
    const moving = systemOf(code)
      ? reaching({ rhs: code.rhsProgram(), events: eventChangesOf(code) }, { u: new Set(u), p: new Set(p) })
      : { u: indicesOf(problem.layout.u), p: indicesOf(problem.layout.p) };
    const sorted = (set: ReadonlySet<number>): number[] => [...set].sort((a, b) => a - b);
    const by = [
      ...sorted(moving.p).map((j) => componentOf("p", problem.layout.p, j)),
      ...sorted(moving.u).map((i) => componentOf("u0", problem.layout.u, i)),
    ];
    const location = written(source, problem.name);
    return [
      {
        on: "state",
        ...location,
        times: times.slice(0, MOST_TIMES),
        by,
        tracked: why === undefined,
        differentiated: why === undefined,
        why,
      },
    ];
  });
}

/** The indices of all components: in a function that runs by itself anything may move anything. */
function indicesOf({ size }: Layout): ReadonlySet<number> {
  return new Set(Array.from({ length: size }, (_, i) => i));
}

/** Keeps the crossings at which the right-hand side jumps, each component compared with its own size. */
function rhsJumps(task: GradientTask): WatchedProgram<CrossingTime & { readonly moving?: StateSwitch }>["examine"] {
  return (crossing, [start, end]) => {
    const { before, after, decisions } = crossing;
    const [first, low, high, last] = [start, before, after, end].map(({ u, t }) => velocity(task, u, t));
    const jumps = low.some((f, j) => {
      const size = Math.max(...[first, low, high, last].map((slopes) => Math.abs(slopes[j])));
      return Math.abs(high[j] - f) > JUMP * size;
    });
    return jumps ? { t: after.t, decisions, moving: stateSwitch(task, crossing, low, high) } : undefined;
  };
}

/** Keeps the crossings at which the integrand jumps, compared with the largest value that it had so far. */
function integrandJumps(task: GradientTask): WatchedProgram<CrossingTime & { readonly jump?: IntegrandJump }>["examine"] {
  const loss = appliedLoss(task);
  let largest = 0;
  return (crossing, [start, end]) => {
    const { before, after, decisions } = crossing;
    const [first, low, high, last] = [start, before, after, end].map(({ u, t }) => loss.integrand(t, u));
    largest = Math.max(largest, ...[first, low, high, last].map(Math.abs));
    if (!(Math.abs(high - low) > JUMP * largest)) return undefined;
    return { t: after.t, decisions, jump: integrandJump(task, crossing) };
  };
}

/** What a result that was differentiated tells of switches. */
export interface Switching {
  /**
   * The comparisons and roundings whose outcome changes along the solution: those of the time, at which the solve stops, and those of the
   * state whose two sides differ. What parameters do through times of the first kind, and through those of a loss's integrand, is in the
   * derivatives, and so is what they and the state do through times at which a right-hand side switches by the state, where these move smoothly.
   */
  readonly switches: readonly Switch[];
  /** What one must know of these numbers, such as what is not in them; empty where there is nothing to say. */
  readonly warnings: readonly string[];
}

/** The switches of a task, with warnings; `inState`: those by the state. */
export function switchingOf(task: GradientTask, inState: readonly ReportedSwitch[]): Switching {
  const told = [...switchesInTime(task), ...inState];
  return { switches: told.map(({ why: _why, ...one }) => one), warnings: [...warningsOf(told), ...unresolved(task)] };
}

/** Warnings of switches by the time that are too many for their times to be found. */
function unresolved({ code, problem, loss, wrt, p }: UnplannedTask): string[] {
  if (!wrt.p) return [];
  const programs = [...(systemOf(code) ? [code.asRead.rhsProgram()] : []), ...(loss.integral ? [loss.integral.value] : [])];
  return programs
    .flatMap((program) => unresolvedIn(program, p, problem.tspan))
    .map((source) => {
      const { function: name, line, text } = written(source, problem.name);
      return (
        `${name}, line ${line}: \`${text}\` switches too often for its times to be known. Where something jumps there, what parameters do ` +
        "through those times is not in these derivatives: take a shorter tspan, several one after the other."
      );
    });
}

/** Why a switch by the time is not differentiated. */
const APART = "together with another switch that moves otherwise, so there is a derivative to either side only";

/** A warning for each switch whose time is not differentiated. */
export function warningsOf(switches: readonly ReportedSwitch[]): string[] {
  return switches
    .filter(({ differentiated }) => !differentiated)
    .map(({ text, function: name, line, times, by, why = APART }) => {
      const where = `${name}, line ${line}: \`${text}\` switches at t = ${Number(times[0].toPrecision(6))}`;
      const more = times.length > 1 ? ` and ${times.length - 1} more times` : "";
      const what = by.length
        ? `What ${by.slice(0, 6).join(", ")}${by.length > 6 ? ", …" : ""} do through its time`
        : "What moves its time";
      return `${where}${more}, ${why}. ${what} is not in these derivatives.`;
    });
}
