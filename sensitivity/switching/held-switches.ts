/** The switches by the state, and how their times move; of decisions that a solve held (see step-loop/branches.ts). */
import type { Outcomes } from "../../src/analysis/switching/outcomes.ts";
import type { SourceLocation } from "../../src/core/source-location.ts";
import type { Program } from "../../src/ir/ir.ts";
import { gapAt } from "../../solvers/step-loop/stops.ts";
import type { BranchModes, BranchSwitch, Jump } from "../../solvers/step-loop/trajectory.ts";
import type { AppliedLoss } from "../losses/compiled.ts";
import type { EventMet, GradientTask, StateSwitch } from "../task/task.ts";
import { crossingSlopes, sidesOf } from "./crossing-slopes.ts";
import type { Deciding } from "./deciding.ts";
import type { Sides, StateCrossing } from "./state-crossings.ts";

/** What crosses comes back behind the crossing where it does so at this part of its rate before it, or more; at less it rests there. */
const COMING_BACK = 1e-6;
/** A difference between two sides counts as a jump above this part of the largest value. */
export const JUMP = 1e-7;

/** The time of a crossing that matters, and its decisions; `moving`: how it moves, where that has a derivative. */
export interface CrossingTime extends Pick<StateCrossing, "decisions"> {
  readonly t: number;
  readonly moving?: StateSwitch;
}

/** What the two sides of a switch have. */
export interface BothSides {
  /** The derivative of the state. */
  readonly before: Float64Array;
  readonly after: Float64Array;
  /** See {@link StateSwitch}. */
  readonly fall: number;
}

/** Undefined where the time of a switch of the program's decisions has no derivative, or where f⁺ leads back to it. */
export function stateSwitch(
  task: GradientTask,
  program: Program,
  sides: Sides,
  { before, after, fall }: BothSides,
): StateSwitch | undefined {
  const slopes = crossingSlopes(task, program, sides);
  if (!slopes) return undefined;
  const { u: byU, p: byP, t } = slopes;
  // Of what crosses, behind the crossing, over that before it.
  const rate = t - after.reduce((sum, f, i) => sum + byU[i] * f, 0);
  if (!(rate > -COMING_BACK)) return undefined;
  return { t: sides.after.t, byU, byP, jump: before.map((f, i) => f - after[i]), fall };
}

/** Switches at which something jumps, with their decisions by their indices among the outcomes. */
export interface HeldJumps {
  readonly inRhs: readonly CrossingTime[];
  readonly inIntegrand: readonly CrossingTime[];
}

/** `outcomes`: of the right-hand side and of the integrand; `largest`: the magnitude of the integrand along the solution. */
export function heldJumps(
  task: GradientTask,
  deciding: Deciding,
  switches: readonly BranchSwitch[],
  outcomes: { readonly rhs?: Outcomes; readonly integrand?: Outcomes },
  { integrand }: Pick<AppliedLoss, "integrand">,
  largest: number,
): HeldJumps {
  const { program, branches, ofRhs } = deciding;
  const decisionsOf = (which: readonly number[], of: Outcomes | undefined): number[] => {
    const places = which.map((k) => keyOf(branches.held[k]));
    return of?.decisions.flatMap(({ source }, k) => (places.includes(keyOf(source)) ? [k] : [])) ?? [];
  };
  const [inRhs, inIntegrand]: CrossingTime[][] = [[], []];
  for (const one of switches) {
    const { t, jumps, which, before, after, state, behind } = one;
    const [own, others] = [which.filter((k) => k < ofRhs), which.filter((k) => k >= ofRhs)];
    // What algebraic equations determine may jump in the integrand, too.
    const isMoved = state.some((x, i) => x !== behind[i]);
    const mayFall = others.length > 0 || isMoved;
    const sides = jumps || mayFall ? sidesOf(task, program, one) : undefined;
    const moved = sides && isMoved ? sides.after.u.map((x, i) => x + behind[i] - state[i]) : sides?.after.u;
    const difference = mayFall && sides ? integrand(sides.before.t, sides.before.u) - integrand(sides.after.t, moved!) : 0;
    const falls = mayFall && (!sides || Math.abs(difference) > JUMP * largest);
    const found = sides && stateSwitch(task, program, sides, { before, after, fall: falls ? difference : 0 });
    const moving = found && { ...found, t };
    if (jumps) inRhs.push({ t, decisions: decisionsOf(own, outcomes.rhs), moving });
    if (falls && others.length > 0) inIntegrand.push({ t, decisions: decisionsOf(others, outcomes.integrand), moving });
  }
  return { inRhs, inIntegrand };
}

function keyOf(source: SourceLocation | undefined): string {
  return source ? `${source.of?.name}:${source.line}:${source.column}:${source.end}` : "";
}

/**
 * Stops that move with nothing, wherever decisions turn out otherwise: where both sides agree there is nothing to add, and where an event
 * has it so the event moves.
 */
export function stillStops({ u0, p }: GradientTask, changes: readonly BranchModes[]): StateSwitch[] {
  const [byU, byP] = [u0, p].map(({ length }) => new Float64Array(length));
  return changes.slice(1).map(({ t }) => ({ t, byU, byP, jump: byU, fall: 0 }));
}

/** The events of the state that took place and did not end the solve. What takes place at the end of the span does so just before it. */
export function eventsMetIn({ code, problem: { tspan } }: GradientTask, events: readonly Jump[]): EventMet[] {
  const [t0, t1] = tspan;
  const last = t1 - Math.sign(t1 - t0) * gapAt(t1, t0, t1);
  return events.flatMap(({ t, event, index, ends }) => {
    if (ends || !code.events[event!].when) return [];
    return [{ t: t === t1 ? last : t, event: event!, index }];
  });
}
