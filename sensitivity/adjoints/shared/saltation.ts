/**
 * The effect of a switching time that moves with parameters. Where the right-hand side is f⁻ before it and f⁺ after it, the state behind
 * it moves by (f⁻ - f⁺) dt (the saltation of Aizerman and Gantmacher 1958; Galán, Feehery and Barton 1999, "Parametric sensitivity
 * functions for hybrid discrete/continuous systems", eq. 36, for a time that the state does not move). So dL/dp gains
 * (λᵀ (f⁻ - f⁺) + h⁻ - h⁺) ∂t/∂p, where h is the integrand of the loss. The time of a
 * switch by the state moves with that too, by the slopes that task.stateSwitches gives.
 */
import type { Crossing } from "../../../src/analysis/switching/crossings.ts";
import type { Stop } from "../../../solvers/step-loop/stops.ts";
import type { AppliedLoss } from "../../losses/compiled.ts";
import { AdjointFailed } from "../../../src/core/errors.ts";
import { velocity } from "./end-times.ts";
import type { StateSwitch, UnplannedTask } from "../../task/task.ts";
import { crossingsOfTask } from "../../task/steps.ts";

type Sides = Pick<Stop, "t" | "end" | "start">;

/** The crossings that a stop of the solve is made for. */
export function crossingsAt(task: UnplannedTask, { end, start }: Sides): readonly Crossing[] {
  const all = crossingsOfTask(task);
  const direction = Math.sign(start - end);
  const isBehind = (t: number, other: number): boolean => direction * (t - other) > 0;
  let [first, last] = [0, all.length];
  while (first < last) {
    const middle = (first + last) >> 1;
    if (isBehind(end, all[middle].t)) first = middle + 1;
    else last = middle;
  }
  while (last < all.length && !isBehind(all[last].t, start)) last++;
  return all.slice(first, last);
}

/**
 * The derivatives of the time of switching by the parameters that move it. Undefined where none does, and where crossings that move
 * apart from each other meet: there is no derivative then, but one to either side.
 */
export function timeSlopes(task: UnplannedTask, sides: Sides): ReadonlyMap<number, number> | undefined {
  const [t0, t1] = task.problem.tspan;
  if (sides.end === t0 || sides.start === t1) return undefined;
  const [first, ...others] = crossingsAt(task, sides).map(({ slopes }) => slopes());
  const moves = first !== undefined && first.size > 0 && others.every((other) => isSame(first, other));
  return moves ? first : undefined;
}

function isSame(a: ReadonlyMap<number, number>, b: ReadonlyMap<number, number>): boolean {
  return a.size === b.size && [...a].every(([j, slope]) => Math.abs((b.get(j) ?? NaN) - slope) <= 1e-12 * Math.abs(slope));
}

/**
 * With a mass matrix, what the algebraic equations determine may jump at a switch, whose time then is not to move with parameters or state.
 *
 * @throws AdjointFailed
 */
export function requireStill(task: UnplannedTask, sides: Sides, before: Float64Array, after: Float64Array): void {
  const { atol, rtol, code } = task;
  if (!code.mass) return;
  const jumps = before.some((x, i) => Math.abs(after[i] - x) > (typeof atol === "number" ? atol : atol[i]) + rtol * Math.abs(x));
  const moves = stateSwitchesAt(task, sides).length > 0 || (task.wrt.p && timeSlopes(task, sides) !== undefined);
  if (!jumps || !moves) return;
  throw new AdjointFailed(
    `${code.name}: at t = ${sides.t} algebraic components jump, at a time that moves with parameters or with the state. That is not ` +
      "differentiated. Have the algebraic equations change smoothly there, or let the time be a constant.",
  );
}

/** The switches by the state that a stop of the solve is made for, in the order of the solve. */
export function stateSwitchesAt({ stateSwitches = [] }: UnplannedTask, { end, start }: Sides): readonly StateSwitch[] {
  return stateSwitches.filter(({ t }) => (t - end) * (start - t) >= 0);
}

/** Adds the effect of a switch to dL/dp, and of one that the state moves to `lambda`, which is dL/du at the switch. */
export function addSaltation(
  task: UnplannedTask,
  sides: Sides,
  state: Float64Array,
  lambda: Float64Array,
  pBar: Float64Array,
  loss: AppliedLoss,
): void {
  for (const { byU, byP, jump } of stateSwitchesAt(task, sides).toReversed()) {
    const fall = lambda.reduce((sum, x, i) => sum + x * jump[i], 0);
    addScaled(lambda, fall, byU);
    addScaled(pBar, fall, byP);
  }
  if (!task.wrt.p) return;
  const moves = timeSlopes(task, sides);
  if (!moves) return;
  const jump = rhsJump(task, sides, state);
  const fall = lambda.reduce((sum, x, i) => sum + x * jump[i], integrandJump(sides, state, loss));
  for (const [j, slope] of moves) pBar[j] += fall * slope;
}

function addScaled(sum: Float64Array, scale: number, terms: Float64Array): void {
  for (let i = 0; i < sum.length; i++) sum[i] += scale * terms[i];
}

/** The jump of the right-hand side, f⁻ - f⁺. */
export function rhsJump(task: UnplannedTask, { end, start }: Sides, state: Float64Array): Float64Array {
  const after = velocity(task, state, start);
  return velocity(task, state, end).map((before, i) => before - after[i]);
}

/** The jump of the loss's integrand, h⁻ - h⁺. */
export function integrandJump({ end, start }: Sides, state: Float64Array, loss: AppliedLoss): number {
  return loss.integrand(end, state) - loss.integrand(start, state);
}
