/**
 * The derivatives of events. An event makes u⁺ = e(u⁻, p, t) of the state before it. One that takes place where g(u, p, t) = 0 moves in
 * time by dt = -(∂g/∂u du + ∂g/∂p dp) / ġ, where ġ = ∂g/∂t + ∂g/∂u f⁻: the state before it is then du + f⁻ dt later, and the state after
 * it is f⁺ dt too far on, as they are where parameters give the time, with its own dt (the saltation of Aizerman and Gantmacher 1958; Hiskens and Pai 2000, "Trajectory sensitivity analysis of hybrid
 * systems", eq. 26). An integral in the loss gains (h⁻ - h⁺) dt, where h is its integrand. Nothing follows an event that ends the solve:
 * f⁺ and h⁺ are then zero.
 */
import { compiledAlone } from "../../../src/problem/comparison.ts";
import { memo } from "../../../src/core/memo.ts";
import { derivativesOf } from "../../../src/derive/program-derivatives.ts";
import { forward } from "../../../src/derive/forward.ts";
import type { Program } from "../../../src/ir/ir.ts";
import { gapAt } from "../../../solvers/step-loop/stops.ts";
import type { Jump } from "../../../solvers/step-loop/trajectory.ts";
import type { AppliedLoss } from "../../losses/compiled.ts";
import { GrazingEvent } from "../../task/errors.ts";
import { eventProgramsOf, type EventPrograms } from "../../task/events.ts";
import type { UnplannedTask } from "../../task/task.ts";
import { velocity } from "./end-times.ts";
import { timeMoves } from "./time-moves.ts";

/** Gaps (see stops.ts) by which the solution goes on from where a condition is zero to rounding. */
export const OFF = 8;

/** How an event moves in time, and what it takes along. */
interface Movement {
  /** The derivatives of its time by the state before it and by the parameters. */
  readonly byU: Float64Array;
  readonly byP: Float64Array;
  /** f⁻ and f⁺. */
  readonly before: Float64Array;
  readonly after: Float64Array;
  /** h⁻ - h⁺. */
  readonly integrand: number;
}

/** Of the span: the distance over which the rate of a condition is followed, on the side of the event where its derivatives are taken. */
export const AHEAD = 1e-6;

/** Replaces λ⁺ by λ⁻, and adds the derivative by the parameters to `pBar`. */
export function pullBackOverEvent(
  task: UnplannedTask,
  jump: Jump,
  lambda: Float64Array,
  pBar: Float64Array,
  loss: Pick<AppliedLoss, "integrand">,
): void {
  const { p, target } = task;
  const { before, t, index } = jump;
  const programs = eventProgramsOf(task.code)[jump.event!];
  const { apply } = programs;
  const move = movementOf(task, jump, programs, loss);
  const after = lambda.slice();
  let byTime = 0;
  if (apply) {
    const vjp = derivativesOf(apply).vjp(move ? ["u", "p", "t"] : ["u", "p"]);
    // Arrays: u, p, u_after_bar, u_bar, p_bar and t_bar.
    const [, , , uBar, ofP, tBar] = compiledAlone(vjp, target).run([before, p, lambda], [t, index]).arrays;
    lambda.set(uBar);
    ofP.forEach((term, j) => (pBar[j] += term));
    byTime = tBar?.[0] ?? 0;
  }
  if (!move) return;
  const fall = dot(lambda, move.before) + byTime - dot(after, move.after) + move.integrand;
  move.byU.forEach((slope, i) => (lambda[i] += fall * slope));
  move.byP.forEach((slope, j) => (pBar[j] += fall * slope));
}

/** Tangents of states, parameters and an integral along k directions, one after the other. */
export interface EventTangents {
  readonly u: Float64Array;
  readonly p: Float64Array;
  readonly integral?: Float64Array;
}

/** Takes tangents over an event, in place. */
export function pushOverEvent(
  task: UnplannedTask,
  jump: Jump,
  tangents: EventTangents,
  loss: Pick<AppliedLoss, "integrand">,
): void {
  const { p, target } = task;
  const { before, t, index } = jump;
  const programs = eventProgramsOf(task.code)[jump.event!];
  const { apply } = programs;
  const move = movementOf(task, jump, programs, loss);
  const [n, np] = [before.length, p.length];
  const k = tangents.u.length / n;
  const along = (all: Float64Array, size: number, d: number): Float64Array => all.subarray(d * size, (d + 1) * size);
  const later = new Float64Array(k);
  if (move) {
    for (let d = 0; d < k; d++) {
      const u = along(tangents.u, n, d);
      later[d] = dot(move.byU, u) + dot(move.byP, along(tangents.p, np, d));
      move.before.forEach((f, i) => (u[i] += f * later[d]));
    }
  }
  if (apply) {
    const program = carriedAlong(apply, k, move !== undefined);
    // Arrays: u_after, u, p, u_dot, p_dot, t_dot and u_after_dot.
    const given = [undefined, before, p, tangents.u, tangents.p, ...(move ? [later] : [])];
    tangents.u.set(compiledAlone(program, target).run(given, [t, index]).arrays[given.length]);
  }
  if (!move) return;
  for (let d = 0; d < k; d++) {
    const u = along(tangents.u, n, d);
    move.after.forEach((f, i) => (u[i] -= f * later[d]));
    if (tangents.integral) tangents.integral[d] += move.integrand * later[d];
  }
}

const carriedAlong = memo((apply: Program, chunk: number, moves: boolean): Program =>
  forward(apply, { wrt: moves ? ["u", "p", "t"] : ["u", "p"], chunk }),
);

/**
 * Undefined of an event that changes nothing, or takes place at a time that is given.
 *
 * @throws {@link GrazingEvent}
 */
function movementOf(
  task: UnplannedTask,
  jump: Jump,
  programs: EventPrograms,
  loss: Pick<AppliedLoss, "integrand">,
): Movement | undefined {
  const { times, when, apply } = programs;
  const { before, after, t, ends } = jump;
  if (!(times || when) || (!ends && !apply)) return undefined;
  const [t0, t1] = task.problem.tspan;
  // What decides by the time turns at this time, and what decides as the condition does at this state.
  const gap = Math.sign(t1 - t0) * gapAt(t, t0, t1);
  const [end, start] = [t - gap, jump.start === t ? t + gap : jump.start];
  // Behind another event here, or a switch that moves, whose own jump is taken by itself, it is the other side already.
  const moves = timeMoves(task, { t, end, start }, before) ?? [];
  const from = jump.isFirst && moves.length === 0 ? end : start;
  const aside = (u: Float64Array, at: number): Float64Array => {
    const slope = velocity(task, u, at);
    return u.map((x, i) => x + OFF * (at - t) * slope[i]);
  };
  const [old, next] = [aside(before, from), aside(after, start)];
  const f = velocity(task, old, from);
  return {
    ...(when ? crossingMoves(task, jump, when, { f, from }) : givenMoves(task, jump, times!)),
    before: f,
    after: ends ? new Float64Array(f.length) : velocity(task, next, start),
    integrand: loss.integrand(from, old) - (ends ? 0 : loss.integrand(start, next)),
  };
}

/** The derivative of the state before an event, and when it is taken. */
interface Side {
  readonly f: Float64Array;
  readonly from: number;
}

/** How the time moves at which a condition is zero. */
function crossingMoves(task: UnplannedTask, jump: Jump, when: Program, side: Side): Pick<Movement, "byU" | "byP"> {
  const slopes = slopesAt(task, when, jump.before, jump.t);
  const rate = rateOf(slopes, side.f);
  if (!jump.isFirst) requireMet(task, jump, when, slopes);
  requireCrossing(task, jump, when, { ...slopes, ...side, rate });
  const moved = (slope: number): number => -slope / rate;
  return { byU: slopes.u.map(moved), byP: slopes.p.map(moved) };
}

/** How a time moves that the parameters give. */
function givenMoves({ p, target }: UnplannedTask, { before, index }: Jump, times: Program): Pick<Movement, "byU" | "byP"> {
  const [output] = times.parameters;
  const seed = new Float64Array(output.kind === "array" ? output.array.size : 0);
  seed[index] = 1;
  // Arrays: p, times_bar and p_bar.
  const [, , byP] = compiledAlone(derivativesOf(times).vjp(["p"]), target).run([p, seed], []).arrays;
  return { byU: new Float64Array(before.length), byP: byP.slice() };
}

/** The derivatives of a condition. */
interface Slopes {
  readonly u: Float64Array;
  readonly p: Float64Array;
  readonly t: number;
}

function slopesAt({ p, target }: UnplannedTask, when: Program, u: Float64Array, t: number): Slopes {
  // Arrays: u, p, u_bar, p_bar and t_bar.
  const { arrays } = compiledAlone(derivativesOf(when).vjp(["u", "p", "t"]), target).run([u, p], [t, 1]);
  const [byU, byP, byT] = arrays.slice(2).map((slope) => slope.slice());
  return { u: byU, p: byP, t: byT[0] };
}

function rateOf(slopes: Slopes, f: Float64Array): number {
  return dot(slopes.u, f) + slopes.t;
}

/** By how much a condition may be off, in what the state is known to. */
export const MET = 1e3;

/** Behind another event at its time a condition may not be met any more: it was met before that, with whose time it moves. */
function requireMet(task: UnplannedTask, { event, before, t }: Jump, when: Program, slopes: Slopes): void {
  const { problem, code, p, target } = task;
  const [t0, t1] = problem.tspan;
  const { result } = compiledAlone(when, target).run([before, p], [t]);
  const known = knownOf(task, slopes.u, before) + Math.abs(slopes.t) * OFF * gapAt(t, t0, t1);
  if (Math.abs(result) <= MET * known) return;
  throw new GrazingEvent(
    `${problem.name}: ${code.events[event!].name} takes place at t = ${t} because its condition was met before another event at that time, which ` +
      `makes it ${result}. When it takes place has no derivative by itself. Let one event do what both do, one after the other, in its apply.`,
  );
}

/** What of a condition the tolerances leave of the state. */
function knownOf({ rtol, atol }: UnplannedTask, slopes: Float64Array, u: Float64Array): number {
  return slopes.reduce(
    (sum, slope, i) => sum + Math.abs(slope) * (rtol * Math.abs(u[i]) + (typeof atol === "number" ? atol : atol[i])),
    0,
  );
}

/**
 * A condition that turns back before it is farther from zero than the state is known only touches zero. How its rate changes is seen away
 * from the event: behind it the right-hand side may be another one, as where it compares what the event sets.
 */
function requireCrossing(
  task: UnplannedTask,
  { event, before, t }: Jump,
  when: Program,
  { u, f, from, rate }: Slopes & Side & { readonly rate: number },
): void {
  const { problem, code } = task;
  const [t0, t1] = problem.tspan;
  const away = Math.sign(from - t) * AHEAD * Math.abs(t1 - t0);
  const there = before.map((x, i) => x + away * f[i]);
  const bend = (rateOf(slopesAt(task, when, there, t + away), velocity(task, there, t + away)) - rate) / away;
  const turnsBack = bend * Math.sign(t1 - t0) * rate < 0;
  const depth = turnsBack ? rate ** 2 / (2 * Math.abs(bend)) : Infinity;
  const known = knownOf(task, u, before);
  if (rate !== 0 && !(depth <= known)) return;
  throw new GrazingEvent(
    `${problem.name}: ${code.events[event!].name} takes place at t = ${t}, where its condition only touches zero, or does so within the ` +
      `tolerances (its rate is ${rate.toExponential(1)}). Its time has no derivative there, as a small change of the state undoes the event. ` +
      "Take other parameters or a shorter tspan, or tighter tolerances if it does cross.",
  );
}

function dot(x: Float64Array, y: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < x.length; i++) sum += x[i] * y[i];
  return sum;
}
