/** The comparison of a gradient of a steady state, along one random direction, with differences of the loss. */
import { steadyLoss } from "../adjoints/steady/solved.ts";
import { extrapolatedDifference } from "../numerics/extrapolated-difference.ts";
import { pseudoRandom } from "../../src/problem/pseudo-random.ts";
import { sizesOf, stateSizes } from "../../src/problem/sizes.ts";
import { short } from "../planner/quantities.ts";
import { GradientCheckFailed } from "../task/errors.ts";
import type { UnplannedTask } from "../task/task.ts";
import type { CheckReport } from "../task/vjp-agreement.ts";

/** The first distance, in sizes of what is differentiated by. */
const DISTANCE = 1 / 64;
/** Of the terms that the slope is a sum of, the difference that passes. */
const WITHIN = 1e-6;

/** Throws {@link GradientCheckFailed}. */
export function checkSteady(task: UnplannedTask, by: { readonly p?: Float64Array; readonly u0?: Float64Array }): CheckReport {
  const random = pseudoRandom();
  const along = (sizes: Float64Array, asked: unknown): Float64Array => sizes.map((size) => (asked ? random() * size : 0));
  const p = along(sizesOf(task.p), by.p);
  const u0 = along(stateSizes(task.u0), by.u0);
  const terms = [...p.map((x, j) => x * (by.p?.[j] ?? 0)), ...u0.map((x, i) => x * (by.u0?.[i] ?? 0))];
  const size = terms.reduce((sum, x) => sum + Math.abs(x), 0);
  const found = terms.reduce((sum, x) => sum + x, 0);
  const moved = (h: number): UnplannedTask => ({
    ...task,
    p: task.p.map((x, j) => x + h * p[j]),
    u0: task.u0.map((x, i) => x + h * u0[i]),
    onProgress: undefined,
  });
  const { slope, error } = extrapolatedDifference((h) => steadyLoss(moved(h)).value, DISTANCE, { enough: (WITHIN / 10) * size });
  const difference = Math.abs(found - slope);
  const scale = Math.max(size, Math.abs(slope));
  const relativeDifference = difference === 0 ? 0 : difference / scale;
  if (difference <= WITHIN * scale + 10 * error) return { passed: true, relativeDifference };
  throw new GradientCheckFailed(
    `${task.problem.name}: along a random direction the gradient of the steady state gives ${found}, differences of the loss ${slope}: they ` +
      `differ by ${relativeDifference.toExponential(1)} of the size of their terms, and ${short(WITHIN)} is allowed. Look for kinks at the ` +
      "steady state, or another steady state that is close by; if there are none, please report this.",
  );
}
