/** The switches of the right-hand side by the state, and how their times move; of decisions that a solve held (see step-loop/branches.ts). */
import type { Branches } from "../../src/analysis/switching/branches.ts";
import type { Outcomes } from "../../src/analysis/switching/outcomes.ts";
import type { SourceLocation } from "../../src/core/source-location.ts";
import { gapAt } from "../../solvers/step-loop/stops.ts";
import type { BranchModes, BranchSwitch, Jump } from "../../solvers/step-loop/trajectory.ts";
import type { EventMet, GradientTask, StateSwitch } from "../task/task.ts";
import { crossingSlopes, sidesOf } from "./crossing-slopes.ts";
import type { StateCrossing } from "./state-crossings.ts";

/** What crosses comes back behind the crossing where it does so at this part of its rate before it, or more; at less it rests there. */
const COMING_BACK = 1e-6;

/** The time of a crossing that matters, and its decisions. */
export type CrossingTime = Pick<StateCrossing, "decisions"> & { readonly t: number };

/** Undefined where the time of a jump of the right-hand side from f⁻ to f⁺ has no derivative, or where f⁺ leads back to it. */
export function stateSwitch(
  task: GradientTask,
  crossing: StateCrossing,
  before: Float64Array,
  after: Float64Array,
): StateSwitch | undefined {
  const slopes = crossingSlopes(task, task.code.rhsProgram(), crossing);
  if (!slopes) return undefined;
  const { u: byU, p: byP, t } = slopes;
  // Of what crosses, behind the crossing, over that before it.
  const rate = t - after.reduce((sum, f, i) => sum + byU[i] * f, 0);
  if (!(rate > -COMING_BACK)) return undefined;
  return { t: crossing.after.t, byU, byP, jump: before.map((f, i) => f - after[i]) };
}

/** A switch where the right-hand side jumps, with its decisions by their indices among the outcomes; undefined of a kink. */
export function jumpAt(
  task: GradientTask,
  outcomes: Outcomes,
  branches: Branches,
  one: BranchSwitch,
): (CrossingTime & { readonly moving?: StateSwitch }) | undefined {
  if (!one.jumps) return undefined;
  const { t, which, before, after } = one;
  const places = which.map((k) => keyOf(branches.held[k]));
  const decisions = outcomes.decisions.flatMap(({ source }, k) => (places.includes(keyOf(source)) ? [k] : []));
  const sides = sidesOf(task, one);
  const moving = sides && stateSwitch(task, { ...sides, decisions }, before, after);
  return { t, decisions, moving: moving && { ...moving, t } };
}

function keyOf(source: SourceLocation | undefined): string {
  return source ? `${source.of?.name}:${source.line}:${source.column}:${source.end}` : "";
}

/**
 * Stops that move with nothing: where both sides agree there is nothing to add, and with the time of an event at which decisions turn out
 * otherwise the event moves.
 */
export function stillStops(
  { u0, p }: GradientTask,
  along: { readonly switches: readonly BranchSwitch[]; readonly branchModes: readonly BranchModes[] },
): StateSwitch[] {
  const [byU, byP] = [u0, p].map(({ length }) => new Float64Array(length));
  const { switches, branchModes } = along;
  const times = [...switches.filter(({ jumps }) => !jumps), ...branchModes.filter(({ event }) => event !== undefined)];
  return times.map(({ t }) => ({ t, byU, byP, jump: byU }));
}

/** The events of the state that took place and did not end the solve. What takes place at the end of the span does so just before it. */
export function eventsMetIn({ code, problem: { tspan } }: GradientTask, events: readonly Jump[]): EventMet[] {
  const [t0, t1] = tspan;
  const last = t1 - Math.sign(t1 - t0) * gapAt(t1, t0, t1);
  return events.flatMap(({ t, event, ends }) => {
    if (ends || !code.events[event!].when) return [];
    return [{ t: t === t1 ? last : t, event: event! }];
  });
}
