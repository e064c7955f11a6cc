/**
 * The effect of thresholds on the state on an integral whose integrand jumps there. With h⁻ before the crossing at t* and h⁺ after it, dL
 * gains (h⁻ - h⁺) dt* (Leibniz), and t* moves as what crosses does: dt* = -(∂g/∂u du + ∂g/∂p dp) / (dg/dt) where g crosses zero. That is a
 * loss of the state at t*, whose derivatives are given; they are taken back as those of any other.
 */
import { memo } from "../../src/core/memo.ts";
import { compiledAlone } from "../../src/problem/comparison.ts";
import { derivativesOf } from "../../src/derive/program-derivatives.ts";
import type { Program } from "../../src/ir/ir.ts";
import { gapsOf } from "../../src/analysis/switching/gaps.ts";
import type { LossPrograms } from "../losses/loss.ts";
import { appliedLoss } from "../losses/compiled.ts";
import type { Direction } from "../adjoints/shared/directions.ts";
import { velocity } from "../adjoints/shared/end-times.ts";
import type { AdjointMethod } from "../adjoints/shared/method.ts";
import type { FlatGradient, GradientTask } from "../task/task.ts";
import { tangentsAlong } from "../adjoints/forward/tangents.ts";
import { pseudoRandom } from "../../src/problem/pseudo-random.ts";
import { sizesOf, stateSizes } from "../../src/problem/sizes.ts";
import type { Side, StateCrossing } from "./state-crossings.ts";

/** A jump of the integrand: the derivatives of a loss of the state and the parameters at its time. */
export interface IntegrandJump {
  readonly t: number;
  readonly uBar: Float64Array;
  readonly pBar: Float64Array;
}

/** A crossing that is closer to an end of tspan than this part of it has derivatives to one side only. */
const AT_END = 1e-9;

/** The jump at a crossing; undefined where the time of crossing has no derivative by what is asked for. */
export function integrandJump(task: GradientTask, { before, after }: StateCrossing): IntegrandJump | undefined {
  const { problem, wrt } = task;
  const [t0, t1] = problem.tspan;
  const isAt = (end: number): boolean => Math.abs(after.t - end) <= AT_END * Math.abs(t1 - t0);
  const crossing = crossingSlopes(task, before, after);
  if (!crossing) return undefined;
  const isHeld = isAt(t0) && !wrt.u0 && !wrt.t0 && !(wrt.p && crossing.p.some((x) => x !== 0));
  if (!isHeld && (isAt(t0) || isAt(t1) || !movesAs(task, before, after, crossing))) return undefined;
  const loss = appliedLoss(task);
  const fall = loss.integrand(before.t, before.u) - loss.integrand(after.t, after.u);
  const scaled = (slopes: Float64Array): Float64Array => slopes.map((slope) => fall * slope);
  return { t: before.t, uBar: scaled(crossing.u), pBar: scaled(crossing.p) };
}

/** The derivatives of the time of a crossing by the state there and by parameters. */
interface CrossingSlopes {
  readonly u: Float64Array;
  readonly p: Float64Array;
  /** The derivative of the state by the time, before the crossing. */
  readonly velocity: Float64Array;
}

/** What crosses is what the first decision with another outcome compares: up to it, both sides go the same way. */
function crossingSlopes(task: GradientTask, before: Side, after: Side): CrossingSlopes | undefined {
  const { target, p, u0 } = task;
  const { meeting, slopes } = programsOf(task.loss.integral!.value);
  const met = (side: Side, which: number): readonly number[] =>
    compiledAlone(meeting, target)
      .run([undefined, undefined, side.u, p], [side.t, which])
      .arrays.slice(0, 2)
      .map(([x]) => x);
  let [first, last] = [0, Math.max(met(before, 0)[0], met(after, 0)[0])];
  while (first < last) {
    const middle = Math.floor((first + last) / 2);
    if (met(before, middle)[1] === met(after, middle)[1]) first = middle + 1;
    else last = middle;
  }
  const bars = [u0, p, [0]].map((values) => new Float64Array(values.length));
  // Parameters: u, p, t, which, gap_bar, u_bar, p_bar, t_bar.
  const { result, arrays } = compiledAlone(slopes, target).run(
    [before.u, p, undefined, undefined, [1], ...bars].filter((x) => x !== undefined),
    [before.t, first],
  );
  // The tape had no room.
  if (result > 0) return undefined;
  const [byU, byP, byT] = arrays.slice(3).map((slope) => slope.slice());
  const f = velocity(task, before.u, before.t);
  const rate = dot(byU, f) + byT[0];
  const moved = (slope: Float64Array): Float64Array => slope.map((x) => -x / rate);
  const crossing = { u: moved(byU), p: moved(byP), velocity: f };
  return [...crossing.u, ...crossing.p].every(Number.isFinite) ? crossing : undefined;
}

const programsOf = memo((integrand: Program): { readonly meeting: Program; readonly slopes: Program } => {
  const { meeting, gap } = gapsOf(integrand);
  return { meeting, slopes: derivativesOf(gap).vjp(["u", "p", "t"]) };
});

/** The size of a change, relative to the sizes of state and parameters. */
const NEARBY = 1e-5;
/** How exactly the crossing must move, relative to how far it moves. */
const AROUND = 1e-2;
/** The part of tspan in which a component that crosses zero moves by its size. */
const SHORT = 1e-2;

/**
 * Whether a trajectory nearby crosses when the derivatives say. It does not where this one only touches, nor where several things cross at
 * once that move apart from each other: there is no derivative then, but one to either side.
 */
function movesAs(task: GradientTask, before: Side, after: Side, crossing: CrossingSlopes): boolean {
  const { target, p } = task;
  const { meeting } = programsOf(task.loss.integral!.value);
  const outcome = (u: Float64Array, parameters: Float64Array, t: number): number =>
    compiledAlone(meeting, target).run([undefined, undefined, u, parameters], [t, Infinity]).arrays[1][0];
  const [old, other] = [before, after].map(({ u, t }) => outcome(u, p, t));
  const random = pseudoRandom();
  const change = (sizes: Float64Array): Float64Array => sizes.map((size) => NEARBY * size * random());
  // The size of a component that crosses zero is how far it goes.
  const span = Math.abs(task.problem.tspan[1] - task.problem.tspan[0]);
  const sizes = before.u.map((x, i) =>
    Math.max(Math.abs(x), Math.abs(task.u0[i]), SHORT * span * Math.abs(crossing.velocity[i])),
  );
  const [uDot, pDot] = [change(stateSizes(sizes)), change(sizesOf(p))];
  const terms = [...crossing.u.map((x, i) => x * uDot[i]), ...crossing.p.map((x, j) => x * pDot[j])];
  const moved = terms.reduce((sum, x) => sum + x, 0);
  const around = AROUND * terms.reduce((sum, x) => sum + Math.abs(x), 0);
  const at = (later: number): number =>
    outcome(
      before.u.map((x, i) => x + uDot[i] + later * crossing.velocity[i]),
      p.map((x, j) => x + pDot[j]),
      before.t + later,
    );
  const ahead = Math.sign(after.t - before.t);
  return around > 0 && at(moved - ahead * around) === old && at(moved + ahead * around) === other;
}

/** Adds the effect of the jumps to a gradient by a method. */
export function withJumps(
  task: GradientTask,
  method: AdjointMethod,
  flat: FlatGradient,
  jumps: readonly IntegrandJump[],
): FlatGradient {
  if (jumps.length === 0) return flat;
  const n = task.u0.length;
  const cotangents = new Float64Array(n * jumps.length);
  jumps.forEach(({ uBar }, k) => cotangents.set(uBar, k * n));
  const more = method.solveWithPullback({ ...task, loss: atJumps(jumps), onProgress: undefined }).pullBack(cotangents);
  const sum = (a: Float64Array | undefined, b: Float64Array | undefined): Float64Array | undefined =>
    a && b ? a.map((x, i) => x + b[i]) : a;
  return {
    ...flat,
    p: jumps.reduce((all, { pBar }) => sum(all, pBar), sum(flat.p, more.p)),
    u0: sum(flat.u0, more.u0),
    t0: flat.t0 === undefined ? undefined : flat.t0 + (more.t0 ?? 0),
  };
}

/** What the jumps add to the derivative of the loss along a direction. */
export function jumpsAlong(task: GradientTask, direction: Direction, jumps: readonly IntegrandJump[]): number {
  if (jumps.length === 0) return 0;
  const n = task.u0.length;
  const [slope] = tangentsAlong({ ...task, loss: atJumps(jumps), onProgress: undefined }, [direction], "all").slopes;
  return jumps.reduce((sum, { uBar, pBar }, k) => {
    const byState = dot(uBar, slope.subarray(k * n, (k + 1) * n));
    return sum + byState + (direction.p ? dot(pBar, direction.p) : 0);
  }, 0);
}

/** A loss of the states at the times of the jumps, of which only derivatives are given. */
function atJumps(jumps: readonly IntegrandJump[]): LossPrograms {
  const times = Float64Array.from(jumps, ({ t }) => t);
  return { times, indices: Int32Array.from(times.keys()) };
}

function dot(a: Float64Array, b: Float64Array): number {
  return a.reduce((sum, x, i) => sum + x * b[i], 0);
}
