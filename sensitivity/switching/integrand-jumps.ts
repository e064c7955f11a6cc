/**
 * The effect of thresholds on the state on an integral whose integrand jumps there. With h⁻ before the crossing at t* and h⁺ after it, dL
 * gains (h⁻ - h⁺) dt* (Leibniz), and t* moves as what crosses does: dt* = -(∂g/∂u du + ∂g/∂p dp) / (dg/dt) where g crosses zero. That is a
 * loss of the state at t*, whose derivatives are given; they are taken back as those of any other.
 */
import type { LossPrograms } from "../losses/loss.ts";
import { appliedLoss } from "../losses/compiled.ts";
import type { Direction } from "../adjoints/shared/directions.ts";
import type { AdjointMethod } from "../adjoints/shared/method.ts";
import type { FlatGradient, GradientTask } from "../task/task.ts";
import { tangentsAlong } from "../adjoints/forward/tangents.ts";
import { crossingSlopes } from "./crossing-slopes.ts";
import type { StateCrossing } from "./state-crossings.ts";

/** A jump of the integrand: the derivatives of a loss of the state and the parameters at its time. */
export interface IntegrandJump {
  readonly t: number;
  readonly uBar: Float64Array;
  readonly pBar: Float64Array;
}

/** The jump at a crossing; undefined where the time of crossing has no derivative by what is asked for. */
export function integrandJump(task: GradientTask, crossing: StateCrossing): IntegrandJump | undefined {
  const slopes = crossingSlopes(task, task.loss.integral!.value, crossing);
  if (!slopes) return undefined;
  const { before, after } = crossing;
  const loss = appliedLoss(task);
  const fall = loss.integrand(before.t, before.u) - loss.integrand(after.t, after.u);
  const scaled = (each: Float64Array): Float64Array => each.map((slope) => fall * slope);
  return { t: before.t, uBar: scaled(slopes.u), pBar: scaled(slopes.p) };
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
