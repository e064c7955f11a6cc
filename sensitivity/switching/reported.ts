/** What is told of switches: all that a result that was differentiated went over, and warnings. */
import { stateSizes } from "../../src/problem/sizes.ts";
import { integrateWith } from "../../solvers/solve/auto.ts";
import { stopsOf, type Stop } from "../../solvers/step-loop/stops.ts";
import { timeSwitches, written, type Switch } from "../../solvers/events/switches.ts";
import { unresolvedIn } from "../../solvers/events/switching.ts";
import { systemOf } from "../../solvers/systems/problem-system.ts";
import { isAtEnd, isDoubtful, isMoved, movesAtEnd, timeMoves } from "../adjoints/shared/time-moves.ts";
import { asRead } from "../losses/part.ts";
import { BackendRefused } from "../vjp/errors.ts";
import { componentOf } from "../task/finite-gradient.ts";
import { preparedFor, requestOf } from "../task/solve.ts";
import { crossingsOfTask } from "../task/steps.ts";
import type { GradientTask, UnplannedTask } from "../task/task.ts";
import { chosenValues } from "./chosen-values.ts";
import { coincidenceOf } from "./coincidences.ts";
import { JUMP } from "./held-switches.ts";
import type { SwitchesInState } from "./switches.ts";
import { unseenJumps } from "./unseen-jumps.ts";

/** A switch, and why its time is not differentiated. */
export type ReportedSwitch = Switch & { readonly why?: string };

/** The switches by the time, which are known before the solve. */
export function switchesInTime(task: UnplannedTask): ReportedSwitch[] {
  return inTime(task).switches;
}

function inTime(task: UnplannedTask): { readonly switches: ReportedSwitch[]; readonly warnings: string[] } {
  const { problem, loss } = task;
  const crossings = crossingsOfTask(task);
  if (crossings.length === 0) return { switches: [], warnings: [] };
  const switches = timeSwitches(crossings, problem.name, (j) => componentOf("p", problem.layout.p, j));
  const [t0, t1] = problem.tspan;
  const isSeen = (stop: Stop): boolean => loss.times.some((t) => isBetween(t, stop));
  const doubtful = stopsOf({ t0, t1, stops: crossings.map(({ t }) => t) }).filter(
    (stop) => isMoved(task, stop) && (isDoubtful(task, stop) || isSeen(stop)),
  );
  if (doubtful.length === 0) return { switches, warnings: [] };
  const states = statesAt(task, doubtful.map(({ t }) => t)); // prettier-ignore
  const moves = doubtful.map((stop, k) => states[k] && timeMoves(task, stop, states[k]));
  const together = doubtful.filter((stop, k) => {
    if (!states[k] || moves[k]) return false;
    if (!isAtEnd(task, stop)) return true;
    return movesAtEnd(task, stop, states[k]).some((move) => !move || move.fall !== 0 || jumps(task, move.jump, states[k]));
  });
  const seen = doubtful.filter((stop, k) => isSeen(stop) && moves[k]?.some(({ jump }) => jumps(task, jump, states[k])));
  return {
    switches: switches.map((one) => {
      const stop = one.by.length === 0 ? undefined : together.find((stop) => one.times.some((t) => isBetween(t, stop)));
      if (!stop) return one.by.length === 0 ? one : { ...one, differentiated: true };
      return { ...one, differentiated: false, ...(isAtEnd(task, stop) && { why: AT_END }) };
    }),
    warnings: switches.flatMap(({ by, times, ...one }) => {
      const t = by.length > 0 ? times.find((time) => seen.some((stop) => isBetween(time, stop))) : undefined;
      return t === undefined ? [] : [coincidenceOf(one, t, "the loss sees the state")];
    }),
  };
}

function isBetween(t: number, { end, start }: Stop): boolean {
  return (t - end) * (start - t) >= 0;
}

/** The states of a forward solve at these times, as far as it gets. */
function statesAt(task: UnplannedTask, saveat: readonly number[]): readonly Float64Array[] {
  const n = task.u0.length;
  const { savedTimes, savedStates } = integrateWith(preparedFor(task), task.solver, { ...requestOf(task), saveat }).trajectory;
  return savedTimes.map((_, k) => savedStates.data.slice(k * n, (k + 1) * n));
}

/** Does the state come elsewhere by this jump of its derivative? */
function jumps({ problem: { tspan } }: UnplannedTask, jump: Float64Array, state: Float64Array): boolean {
  const span = Math.abs(tspan[1] - tspan[0]);
  const sizes = stateSizes(state);
  return jump.some((x, i) => span * Math.abs(x) > JUMP * sizes[i]);
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
export function switchingOf(task: GradientTask, inState: Pick<SwitchesInState, "switches" | "warnings">): Switching {
  const ofTime = inTime(task);
  const told = [...ofTime.switches, ...inState.switches];
  return {
    switches: told.map(({ why: _why, ...one }) => one),
    warnings: [
      ...warningsOf(told),
      ...ofTime.warnings,
      ...inState.warnings,
      ...unresolved(task),
      ...chosenValues(task),
      ...unseenJumps(task.problem, task.loss),
    ],
  };
}

/**
 * Steps begin where something jumps, so that differences reach across that.
 *
 * @throws BackendRefused of a backend that takes differences.
 */
export function requireWithinReach(task: GradientTask, inState: Pick<SwitchesInState, "switches">): void {
  if (task.backend.capabilities.exact) return;
  const reached = inState.switches[0] ?? jumpInTime(task);
  if (!reached) return;
  const { function: name, line, text, times } = reached;
  const where = `\`${text}\` (${name}, line ${line}) switches at t = ${Number(times[0].toPrecision(6))}`;
  throw new BackendRefused(
    task.backend.name,
    `${where}, and differences reach across that`,
    systemOf(task.code) ? "source" : "closure",
  );
}

/** A switch by the time that parameters move, and at which the right-hand side jumps. */
function jumpInTime(task: GradientTask): ReportedSwitch | undefined {
  const { problem } = task;
  const crossings = crossingsOfTask(task);
  const [t0, t1] = problem.tspan;
  const moved = stopsOf({ t0, t1, stops: crossings.map(({ t }) => t) }).filter((stop) => isMoved(task, stop));
  if (moved.length === 0) return undefined;
  const states = statesAt(task, moved.map(({ t }) => t)); // prettier-ignore
  const jumping = moved.find((stop, k) => {
    return states[k] && timeMoves(task, stop, states[k])?.some(({ jump }) => jumps(task, jump, states[k]));
  });
  const switches = timeSwitches(crossings, problem.name, (j) => componentOf("p", problem.layout.p, j));
  return jumping && switches.find(({ times }) => times.some((t) => isBetween(t, jumping)));
}

/** Warnings of switches by the time that are too many for their times to be found. */
function unresolved({ code, problem, loss, wrt, p }: UnplannedTask): string[] {
  if (!wrt.p) return [];
  const programs = [
    ...(systemOf(code) ? [code.asRead.rhsProgram()] : []),
    ...(loss.integral ? [asRead(loss.integral).value] : []),
  ];
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

const AT_END = "an end of `tspan`, so there is a derivative to either side only";

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
