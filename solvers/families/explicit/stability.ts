/** Where stability ends for an explicit Runge–Kutta method. */
import { memo } from "../../../src/core/memo.ts";
import type { ExplicitTableau } from "./tableau.ts";

/** Of the search along the axis. */
const STEP = 1 / 64;

/**
 * The smallest x > 0 at which |R(-x)| becomes larger than one, for the stability polynomial R of the tableau: steps of a decaying
 * mode u' = -λu are stable up to h = x / λ (E. Hairer, G. Wanner, Solving Ordinary Differential Equations II, 2nd ed. (1996), IV.2).
 * Of a consistent method of s stages that is 2 s² at most; a tableau that stays stable beyond has none.
 */
export const realStabilityBoundary = memo(({ stages, b }: ExplicitTableau): number | undefined => {
  const rows = [[], ...stages.map(({ a }) => a), b];
  const grows = (x: number): boolean => {
    // Slopes of the stages for u' = -xu, u₀ = 1, h = 1; the last state is R(-x).
    const slopes: number[] = [];
    let state = 1;
    for (const row of rows) {
      let sum = 0;
      for (let j = 0; j < row.length; j++) sum += row[j] * slopes[j];
      state = 1 + sum;
      slopes.push(-x * state);
    }
    return Math.abs(state) > 1;
  };
  const most = 2 * (1 + stages.length) ** 2 + STEP;
  let stable = 0;
  while (!grows(stable + STEP)) {
    stable += STEP;
    if (stable > most) return undefined;
  }
  let unstable = stable + STEP;
  for (let middle = (stable + unstable) / 2; middle > stable && middle < unstable; middle = (stable + unstable) / 2) {
    if (grows(middle)) unstable = middle;
    else stable = middle;
  }
  return stable;
});
