/**
 * Losses that depend on components where those are smaller than their absolute tolerances. The state is right within the tolerances,
 * whatever its size; the logarithm of a concentration that has decayed, or a final state that is nearly zero, is then not.
 */
import type { ComponentSizes } from "../../../solvers/step-loop/component-sizes.ts";
import type { AppliedLoss } from "../../losses/compiled.ts";
import type { UnplannedTask } from "../../task/task.ts";

/** A component is small below so many times its tolerance. */
const SMALL = 10;
/** The part of the loss's terms that the tolerances may change. */
const ALLOWED = 0.1;
/** The largest number of the loss's times that are sampled. */
const MOST = 200;

/** Notes such components in `sizes`. `saved` holds the states at the times of the loss, each at a multiple of `stride`. */
export function noteSmallInLoss(
  { loss: { times }, u0, p, atol }: UnplannedTask,
  loss: AppliedLoss,
  saved: Float64Array,
  stride: number,
  final: Float64Array,
  sizes: ComponentSizes,
): void {
  const n = u0.length;
  const toleranceOf = (i: number): number => (typeof atol === "number" ? atol : atol[i]);
  const isSmall = (x: number, i: number): boolean => x !== 0 && Math.abs(x) < SMALL * toleranceOf(i);
  if (!hasSmall(saved, times.length, stride, n, atol) && !hasSmall(final, 1, n, n, atol)) return;
  const errors = new Float64Array(n);
  let size = 0;
  const take = (state: Float64Array, value: (uBar: Float64Array, pBar: Float64Array) => number): void => {
    const [uBar, pBar] = [new Float64Array(n), new Float64Array(p.length)];
    size += Math.abs(value(uBar, pBar));
    for (let i = 0; i < n; i++) {
      size += Math.abs(uBar[i] * state[i]);
      if (isSmall(state[i], i)) errors[i] += Math.abs(uBar[i]) * toleranceOf(i);
    }
  };
  const every = Math.ceil(times.length / MOST) || 1;
  for (let k = 0; k < times.length; k += every) {
    const state = saved.slice(k * stride, k * stride + n);
    take(state, (uBar, pBar) => loss.summand(k, state, uBar, pBar));
  }
  const end = final.slice(0, n);
  take(end, (uBar, pBar) => loss.final(end, uBar, pBar));
  const found = [...errors.keys()].filter((i) => errors[i] > ALLOWED * size);
  if (found.length > 0) sizes.inLoss = found;
}

/** Whether one of so many states has a small component. It is asked in every gradient, so nothing is allocated for it. */
function hasSmall(states: Float64Array, count: number, stride: number, n: number, atol: number | Float64Array): boolean {
  for (let k = 0; k < count; k++) {
    for (let i = 0; i < n; i++) {
      const size = Math.abs(states[k * stride + i]);
      if (size < SMALL * (typeof atol === "number" ? atol : atol[i]) && size !== 0) return true;
    }
  }
  return false;
}
