/**
 * The effect of a switching time that moves with parameters. Where the right-hand side is f⁻ before it and f⁺ after it, the state behind
 * it moves by (f⁻ - f⁺) dt (the saltation of Aizerman and Gantmacher 1958; Galán, Feehery and Barton 1999, "Parametric sensitivity
 * functions for hybrid discrete/continuous systems", eq. 36, for a time that the state does not move). So dL/dp gains
 * (λᵀ (f⁻ - f⁺) + h⁻ - h⁺) ∂t/∂p, where h is the integrand of the loss. The time of a
 * switch by the state moves with that too, by the slopes that task.stateSwitches gives.
 */
import type { StateSwitch, UnplannedTask } from "../../task/task.ts";
import { timeMoves, type SwitchSides } from "./time-moves.ts";

/** The switches by the state that a stop of the solve is made for, in the order of the solve. */
export function stateSwitchesAt({ stateSwitches = [] }: UnplannedTask, { end, start }: SwitchSides): readonly StateSwitch[] {
  return stateSwitches.filter(({ t }) => (t - end) * (start - t) >= 0);
}

/** Adds the effect of a switch to dL/dp, and of one that the state moves to `lambda`, which is dL/du at the switch. */
export function addSaltation(
  task: UnplannedTask,
  sides: SwitchSides,
  state: Float64Array,
  lambda: Float64Array,
  pBar: Float64Array,
): void {
  for (const { byU, byP, jump, fall } of stateSwitchesAt(task, sides).toReversed()) {
    const all = lambda.reduce((sum, x, i) => sum + x * jump[i], fall);
    addScaled(lambda, all, byU);
    addScaled(pBar, all, byP);
  }
  for (const { slopes, jump, fall } of timeMoves(task, sides, state) ?? []) {
    const all = lambda.reduce((sum, x, i) => sum + x * jump[i], fall);
    for (const [j, slope] of slopes) pBar[j] += all * slope;
  }
}

function addScaled(sum: Float64Array, scale: number, terms: Float64Array): void {
  for (let i = 0; i < sum.length; i++) sum[i] += scale * terms[i];
}
