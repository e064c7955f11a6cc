/** What switches along a solution that is differentiated, and whether the derivatives tell of it. */
import type { Layout } from "../../src/arrays/layout.ts";
import { keptWith, type ProblemCode } from "../../src/problem/code.ts";
import { outcomesOf, type Outcomes } from "../../src/analysis/switching/outcomes.ts";
import { reaching } from "../../src/analysis/structure.ts";
import { systemOf } from "../../solvers/systems/problem-system.ts";
import { stopsOf } from "../../solvers/step-loop/stops.ts";
import { timeSwitches, written, type Switch } from "../../solvers/events/switches.ts";
import { unresolvedIn } from "../../solvers/events/switching.ts";
import { eventProgramOf } from "../task/events.ts";
import { componentOf } from "../task/finite-gradient.ts";
import { integrandJump, type IntegrandJump } from "./integrand-jumps.ts";
import { appliedLoss } from "../losses/compiled.ts";
import { velocity } from "../adjoints/shared/end-times.ts";
import type { GradientTask, UnplannedTask } from "../task/task.ts";
import { crossingsAt, timeSlopes } from "../adjoints/shared/saltation.ts";
import { crossingsOfTask } from "../task/steps.ts";
import { MOST_CROSSINGS, crossingsAlong, type Side, type Turn } from "./state-crossings.ts";

/** Of the time: known before the solve. */
export function switchesInTime(task: UnplannedTask): ReportedSwitch[] {
  const { problem } = task;
  const crossings = crossingsOfTask(task);
  const switches = timeSwitches(crossings, problem.name, (j) => componentOf("p", problem.layout.p, j));
  if (!task.wrt.p || switches.every(({ by }) => by.length === 0)) return switches;
  const [t0, t1] = problem.tspan;
  const together = stopsOf({ t0, t1, stops: crossings.map(({ t }) => t) }).filter(
    (stop) => crossingsAt(task, stop).some(({ slopes }) => slopes().size > 0) && !timeSlopes(task, stop),
  );
  const isApart = (t: number): boolean => !together.some(({ end, start }) => (t - end) * (start - t) >= 0);
  return switches.map((one) => (one.by.length === 0 ? one : { ...one, differentiated: one.times.every(isApart) }));
}

/** Times of each that are listed. */
const MOST_TIMES = 100;
/** Sides that differ by more than this part of what jumps, in the step, do differ. */
const JUMP = 1e-7;
/** Parts of the span in which the decisions of an integrand are looked at, which the steps do not follow. */
const PARTS = 256;

/** Of the state, and what they do to an integral. */
export interface SwitchesInState {
  readonly switches: readonly ReportedSwitch[];
  readonly jumps: readonly IntegrandJump[];
}

/** Why there is no derivative by the time of it. */
type ReportedSwitch = Switch & { readonly why?: string };

/** What the right-hand side decides on the state; undefined where that is nothing. */
export function outcomesIn(code: ProblemCode): Outcomes | undefined {
  return systemOf(code) && code.derived("outcomes", outcomesOf);
}

/** By a forward solve, where functions decide on the state at all. Those whose two sides differ. */
export function switchesInState(task: GradientTask): SwitchesInState {
  const { code, loss } = task;
  const ofRhs = outcomesIn(code);
  const integrand = loss.integral?.value;
  const ofIntegrand = integrand && keptWith(integrand, "outcomes", () => outcomesOf(integrand));
  const [inRhs, inIntegrand] = crossingsAlong(
    task,
    ofRhs && { outcomes: ofRhs, parts: 1, look: rhsTurns(task) },
    ofIntegrand && { outcomes: ofIntegrand, parts: PARTS, look: integrandTurns(task) },
  );
  const isWhole = inIntegrand.length < MOST_CROSSINGS;
  const [moving, others] = [true, false].map((moves) =>
    inIntegrand.filter(({ jump }) => (isWhole && jump !== undefined) === moves),
  );
  const lost = isWhole
    ? "where the integrand of the loss jumps as something else turns, or what turns only touches, so there is a derivative to either side only"
    : "where the integrand of the loss jumps, too often to follow";
  return {
    switches: [
      ...(ofRhs ? listed(task, ofRhs, inRhs, "where the derivative of the solution jumps") : []),
      ...(ofIntegrand ? [...listed(task, ofIntegrand, moving), ...listed(task, ofIntegrand, others, lost)] : []),
    ],
    jumps: moving.map(({ jump }) => jump!),
  };
}

type ToldTurn = Pick<Turn, "decisions"> & { readonly t: number };

/** One for each decision that turns. */
function listed(
  { code, problem }: GradientTask,
  { decisions }: Outcomes,
  turns: readonly ToldTurn[],
  why?: string,
): ReportedSwitch[] {
  return decisions.flatMap(({ source, p, u }, k): ReportedSwitch[] => {
    const times = turns.filter((turn) => turn.decisions.includes(k)).map(({ t }) => t);
    if (times.length === 0) return [];
    const moving = systemOf(code)
      ? reaching({ rhs: code.rhsProgram(), event: eventProgramOf(code) }, { u: new Set(u), p: new Set(p) })
      : { u: places(problem.layout.u), p: places(problem.layout.p) };
    const sorted = (set: ReadonlySet<number>): number[] => [...set].sort((a, b) => a - b);
    const by = [
      ...sorted(moving.p).map((j) => componentOf("p", problem.layout.p, j)),
      ...sorted(moving.u).map((i) => componentOf("u0", problem.layout.u, i)),
    ];
    const place = written(source, problem.name);
    return [{ on: "state", ...place, times: times.slice(0, MOST_TIMES), by, differentiated: why === undefined, why }];
  });
}

/** Of a function that runs by itself: anything may move anything. */
function places({ size }: Layout): ReadonlySet<number> {
  return new Set(Array.from({ length: size }, (_, i) => i));
}

/** Where the derivative jumps. Each component by its own size, as a large one has nothing to say of a small one. */
function rhsTurns(task: GradientTask): (turn: Turn, ends: readonly [Side, Side]) => ToldTurn | undefined {
  return ({ before, after, decisions }, [start, end]) => {
    const [first, low, high, last] = [start, before, after, end].map(({ u, t }) => velocity(task, u, t));
    const jumps = low.some((f, j) => {
      const size = Math.max(...[first, low, high, last].map((slopes) => Math.abs(slopes[j])));
      return Math.abs(high[j] - f) > JUMP * size;
    });
    return jumps ? { t: after.t, decisions } : undefined;
  };
}

/** Where the integrand jumps, by the largest that it was so far. */
function integrandTurns(
  task: GradientTask,
): (turn: Turn, ends: readonly [Side, Side]) => (ToldTurn & { readonly jump?: IntegrandJump }) | undefined {
  const loss = appliedLoss(task);
  let largest = 0;
  return (turn, [start, end]) => {
    const { before, after, decisions } = turn;
    const [first, low, high, last] = [start, before, after, end].map(({ u, t }) => loss.integrand(t, u));
    largest = Math.max(largest, ...[first, low, high, last].map(Math.abs));
    if (!(Math.abs(high - low) > JUMP * largest)) return undefined;
    return { t: after.t, decisions, jump: integrandJump(task, turn) };
  };
}

export interface Switching {
  /**
   * Comparisons, and what rounds, that turn along the solution: those of the time, at which the solve stops, and those of the state
   * whose two sides differ. What parameters do through times of the first kind, and through those of a loss's integrand, is in the
   * derivatives; through a right-hand side's of the state it is not.
   */
  readonly switches: readonly Switch[];
  /** What one must know of these numbers: what is not in them. Empty where there is nothing to say. */
  readonly warnings: readonly string[];
}

/** `inState`: of the task, where they are known. */
export function switchingOf(task: GradientTask, inState: readonly ReportedSwitch[] = switchesInState(task).switches): Switching {
  const told = [...switchesInTime(task), ...inState];
  return { switches: told.map(({ why: _why, ...one }) => one), warnings: [...warningsOf(told), ...unresolved(task)] };
}

/** Of the time, and too often. */
function unresolved({ code, problem, loss, wrt, p }: UnplannedTask): string[] {
  if (!wrt.p) return [];
  const programs = [...(systemOf(code) ? [code.rhsProgram()] : []), ...(loss.integral ? [loss.integral.value] : [])];
  return programs
    .flatMap((program) => unresolvedIn(program, p, problem.tspan))
    .map((source) => {
      const { function: name, line, text } = written(source, problem.name);
      return (
        `${name}, line ${line}: \`${text}\` turns too often for its times to be known. Where something jumps there, what parameters do ` +
        "through those times is not in these derivatives: take a shorter tspan, several one after the other."
      );
    });
}

/** Of the time. */
const APART = "together with another switch that moves otherwise, so there is a derivative to either side only";

/** What a reader of derivatives must know, in sentences. */
export function warningsOf(switches: readonly ReportedSwitch[]): string[] {
  return switches
    .filter(({ differentiated }) => !differentiated)
    .map(({ text, function: name, line, times, by, why = APART }) => {
      const where = `${name}, line ${line}: \`${text}\` turns at t = ${Number(times[0].toPrecision(6))}`;
      const more = times.length > 1 ? ` and ${times.length - 1} more times` : "";
      const what = by.length
        ? `What ${by.slice(0, 6).join(", ")}${by.length > 6 ? ", …" : ""} do through its time`
        : "What moves its time";
      return `${where}${more}, ${why}. ${what} is not in these derivatives.`;
    });
}
