/**
 * Derivatives of a loss by its own times: dL/dtᵢ = (∂L/∂u(tᵢ)) f(u(tᵢ), p, tᵢ), and of a summand that depends on the time itself ∂ℓ/∂t. At
 * the time of an event, or of a switch, they are those of an earlier time.
 */
import { compiledAlone } from "../../src/problem/comparison.ts";
import { derivativesOf } from "../../src/derive/program-derivatives.ts";
import type { LossOfProblem } from "./compiled.ts";
import { lossOfAll } from "./of-all.ts";

/**
 * In the order of the user's list. `states` are those at the times in the order of the solve, `stride` numbers each; `velocity` gives the derivative
 * of the state.
 */
export function derivativesByTimes(
  task: LossOfProblem,
  states: Float64Array,
  stride: number,
  velocity: (u: Float64Array, t: number) => Float64Array,
): Float64Array {
  const { times, indices, all } = task.loss;
  const of = all && lossOfAll(task, states, stride);
  const by = new Float64Array(times.length);
  times.forEach((t, k) => {
    const u = states.slice(k * stride, (k + 1) * stride);
    const own = of ? { u: of.cotangents.subarray(k * stride, (k + 1) * stride), t: 0 } : summandBy(task, u, t, indices[k]);
    by[indices[k]] += velocity(u, t).reduce((sum, f, i) => sum + own.u[i] * f, own.t);
  });
  return by;
}

/** The derivatives of a summand by the state and by the time. */
function summandBy({ loss, p, target }: LossOfProblem, u: Float64Array, t: number, i: number) {
  // Arrays: u, p, u_bar and t_bar.
  const { arrays } = compiledAlone(derivativesOf(loss.sum!.value).vjp(["u", "t"]), target).run([u, p], [t, i, 1]);
  return { u: arrays[2].slice(), t: arrays[3][0] };
}
