/** The switches along a solution that is differentiated, and whether the derivatives contain what moves their times. */
import { ownLayout, type Layout } from "../../src/arrays/layout.ts";
import type { ProblemCode } from "../../src/problem/code.ts";
import type { Outcomes } from "../../src/analysis/switching/outcomes.ts";
import { reaching } from "../../src/analysis/structure.ts";
import { systemOf } from "../../solvers/systems/problem-system.ts";
import { written } from "../../solvers/events/switches.ts";
import { eventChangesOf } from "../task/events.ts";
import { statedReach } from "../task/changed-parameters.ts";
import { componentOf } from "../task/finite-gradient.ts";
import { coincidences, type Course, type Jumping } from "./coincidences.ts";
import { decidingOf, outcomesKept, scheduled, type Deciding, type Held } from "./deciding.ts";
import { eventsMetIn, heldJumps, JUMP, stateSwitch, stillStops, type CrossingTime } from "./held-switches.ts";
import { appliedLoss } from "../losses/compiled.ts";
import { velocity } from "../adjoints/shared/end-times.ts";
import { behind } from "../adjoints/shared/time-moves.ts";
import type { GradientTask, StateSwitch } from "../task/task.ts";
import { crossingsAlong, MOST_CROSSINGS, type WatchedProgram } from "./state-crossings.ts";
import type { ReportedSwitch } from "./reported.ts";

/** The largest number of times of one switch that are listed. */
const MOST_TIMES = 100;
/** The number of parts of the span in which the decisions of an integrand are taken, as steps need not follow them. */
const PARTS = 256;

/** The switches by the state. */
export interface SwitchesInState {
  readonly switches: readonly ReportedSwitch[];
  /** The jumps of the right-hand side and of the loss's integrand whose times are differentiated where the task has them. */
  readonly stateSwitches: readonly StateSwitch[];
  /** Of a solve that held decisions. */
  readonly held?: Held;
  /** Of what coincides with switches. */
  readonly warnings: readonly string[];
}

/** A solution, of which decisions were held or not; `isReleased`: were they let go on the way? */
type HeldCourse = Course & Pick<SwitchesInState, "held"> & { readonly isReleased?: boolean };

/** The decisions of the right-hand side on the state; undefined where there are none. */
export function outcomesIn(code: ProblemCode): Outcomes | undefined {
  return systemOf(code) && outcomesKept(code.rhsProgram());
}

/**
 * The switches by the state whose two sides differ, found along a forward solve where functions decide on the state at all.
 */
export function switchesInState(task: GradientTask): SwitchesInState {
  if (task.ignoresSwitches) return switchesOf(task, courseOf(task), false);
  const tried = courseOf(task, decidingOf(task));
  // Where decisions were let go on the way, what switched later is found as where they cannot be held.
  const first = tried.isReleased ? courseOf(task) : tried;
  const deciding = first.held?.deciding;
  const found = switchesOf(task, first, true);
  const isRough = !deciding && found.stateSwitches.length > 0;
  // A step over a jump knows little of when it was: they are looked for again by steps that end about there.
  const course = isRough ? courseOf(followingSwitches(task, found)) : first;
  const warnings = coincidences(task, course, (changed) => courseOf(changed, deciding));
  return { ...(isRough ? switchesOf(task, course, true) : found), warnings };
}

/** A forward solve that looks for what jumps; `deciding`: what it holds. */
function courseOf(task: GradientTask, deciding?: Deciding): HeldCourse {
  const { code, loss } = task;
  const [ofRhs, integrand] = [outcomesIn(code), loss.integral?.value];
  const ofIntegrand = integrand && outcomesKept(integrand);
  if (!ofRhs && !ofIntegrand && !deciding) return { events: [] };
  const holdsIntegrand = deciding !== undefined && deciding.ofRhs < deciding.branches.held.length;
  const applied = appliedLoss(task);
  let largest = 0;
  const along = crossingsAlong(task, {
    first: deciding ? undefined : ofRhs && { outcomes: ofRhs, parts: 1, examine: rhsJumps(task) },
    second: holdsIntegrand ? undefined : ofIntegrand && { outcomes: ofIntegrand, parts: PARTS, examine: integrandJumps(task) },
    branches: deciding?.branches,
    onSteps(steps) {
      for (let i = 0; holdsIntegrand && i <= steps.count; i++)
        largest = Math.max(largest, Math.abs(applied.integrand(steps.time(i), steps.state(i))));
    },
  });
  const { switches, branchModes: changes, released: isReleased, events } = along;
  const outcomes = { rhs: ofRhs, integrand: ofIntegrand };
  const jumps = deciding && heldJumps(task, deciding, switches, outcomes, applied, largest);
  return {
    inRhs: ofRhs && { outcomes: ofRhs, crossings: jumps?.inRhs ?? along.first },
    inIntegrand: ofIntegrand && { outcomes: ofIntegrand, crossings: holdsIntegrand ? jumps!.inIntegrand : along.second },
    events,
    isReleased,
    held: deciding && { deciding, changes, switches, eventsMet: eventsMetIn(task, events) },
  };
}

function switchesOf(task: GradientTask, { inRhs, inIntegrand, held }: HeldCourse, follows: boolean): SwitchesInState {
  const rhs = inRhs && sorted(inRhs, follows, follows ? IN_RHS : NOT_FOLLOWED);
  const integrand = inIntegrand && sorted(inIntegrand, true, IN_INTEGRAND);
  const all = [rhs, integrand].filter((one) => one !== undefined);
  // Where both jump at once they move as one.
  const moving = new Set(all.flatMap(({ followed }) => followed.map((crossing) => crossing.moving!)));
  const [t0, t1] = task.problem.tspan;
  return {
    switches: all.flatMap((one) => listed(task, one)),
    stateSwitches: [...moving, ...(held ? stillStops(task, held.changes) : [])].sort((a, b) => Math.sign(t1 - t0) * (a.t - b.t)),
    held,
    warnings: [],
  };
}

/** The task that stops at the switches by the state, and moves with their times. */
export function followingSwitches(task: GradientTask, { stateSwitches, held }: SwitchesInState): GradientTask {
  const stopping = stateSwitches.length > 0 ? { ...task, stateSwitches } : task;
  // Decisions that never turn may do so for a moment where a condition is met.
  return held && held.changes.length + held.eventsMet.length > 1 ? scheduled(stopping, held) : stopping;
}

/** Crossings of which the times are differentiated, and others, of which it is said why not. */
interface Sorted {
  readonly outcomes: Outcomes;
  readonly followed: readonly CrossingTime[];
  readonly lost: readonly CrossingTime[];
  readonly why: string;
}

const NOT_FOLLOWED = "where the derivative of the solution jumps";
const IN_RHS =
  "where the derivative of the solution jumps as something else switches, or a condition touches zero or holds the solution, so there is a derivative to either side only";
const IN_INTEGRAND =
  "where the integrand of the loss jumps as something else switches, or a condition touches zero and does not cross it, so there is a derivative to either side only";
const TOO_OFTEN = "where something jumps, too often to follow";

function sorted({ outcomes, crossings }: Jumping, follows: boolean, why: string): Sorted {
  const isWhole = crossings.length < MOST_CROSSINGS;
  const isFollowed = ({ moving }: CrossingTime): boolean => follows && isWhole && moving !== undefined;
  return {
    outcomes,
    followed: crossings.filter(isFollowed),
    lost: crossings.filter((crossing) => !isFollowed(crossing)),
    why: isWhole ? why : TOO_OFTEN,
  };
}

/** One switch for each decision that changes: first those whose times are differentiated. */
function listed(task: GradientTask, { outcomes, followed, lost, why }: Sorted): ReportedSwitch[] {
  return [...listedOf(task, outcomes, followed), ...listedOf(task, outcomes, lost, why)];
}

function listedOf(
  task: GradientTask,
  { decisions }: Outcomes,
  crossings: readonly CrossingTime[],
  why?: string,
): ReportedSwitch[] {
  const { code, problem } = task;
  const own = ownLayout(problem.layout.u).size;
  return decisions.flatMap(({ source, p, u }, k): ReportedSwitch[] => {
    const times = crossings.filter((crossing) => crossing.decisions.includes(k)).map(({ t }) => t);
    if (times.length === 0) return [];
    const moving = systemOf(code)
      ? statedReach(task, reaching({ rhs: code.rhsProgram(), events: eventChangesOf(code) }, { u: new Set(u), p: new Set(p) }))
      : { u: indicesOf(problem.layout.u), p: indicesOf(problem.layout.p) };
    const sorted = (set: ReadonlySet<number>): number[] => [...set].sort((a, b) => a - b);
    const by = [
      ...sorted(moving.p).map((j) => componentOf("p", problem.layout.p, j)),
      ...sorted(moving.u).flatMap((i) => (i < own ? componentOf("u0", problem.layout.u, i) : [])),
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
function rhsJumps(task: GradientTask): WatchedProgram<CrossingTime>["examine"] {
  const program = task.code.rhsProgram();
  // Dense output is no state of the algebraic equations behind a jump.
  const asGuess: GradientTask = { ...task, problem: { ...task.problem, initialise: "algebraic" } };
  // What algebraic equations determine may jump in the integrand, too.
  const loss = task.code.mass && task.loss.integral ? appliedLoss(task) : undefined;
  return (crossing, [start, end]) => {
    const { before, after, decisions } = crossing;
    const led = { u: behind(asGuess, after.u, after.t), t: after.t };
    const fall = loss ? loss.integrand(before.t, before.u) - loss.integrand(led.t, led.u) : 0;
    const [first, low, high, last] = [start, before, led, end].map(({ u, t }) => velocity(task, u, t));
    const jumps = low.some((f, j) => {
      const size = Math.max(...[first, low, high, last].map((slopes) => Math.abs(slopes[j])));
      return Math.abs(high[j] - f) > JUMP * size;
    });
    if (!jumps) return undefined;
    return { t: after.t, decisions, moving: stateSwitch(task, program, crossing, { before: low, after: high, fall }) };
  };
}

/** Keeps the crossings at which the integrand jumps, compared with the largest value that it had so far. */
function integrandJumps(task: GradientTask): WatchedProgram<CrossingTime>["examine"] {
  const loss = appliedLoss(task);
  const program = task.loss.integral!.value;
  let largest = 0;
  return (crossing, [start, end]) => {
    const { before, after, decisions } = crossing;
    const [first, low, high, last] = [start, before, after, end].map(({ u, t }) => loss.integrand(t, u));
    largest = Math.max(largest, ...[first, low, high, last].map(Math.abs));
    if (!(Math.abs(high - low) > JUMP * largest)) return undefined;
    const f = velocity(task, before.u, before.t);
    return { t: after.t, decisions, moving: stateSwitch(task, program, crossing, { before: f, after: f, fall: low - high }) };
  };
}
