/** The comparison of a gradient, along one random direction, with differences of the loss. */
import { lossValue } from "./loss-value.ts";
import { extrapolatedDifference } from "../numerics/extrapolated-difference.ts";
import { pseudoRandom } from "../../src/problem/pseudo-random.ts";
import { sizesOf, stateSizes } from "../../src/problem/sizes.ts";
import { short } from "../planner/quantities.ts";
import { GradientCheckFailed } from "../task/errors.ts";
import type { GradientTask } from "../task/task.ts";
import type { CheckReport } from "../task/vjp-agreement.ts";

/** The first distance, in sizes of what is differentiated by. */
const DISTANCE = 1 / 64;
/** Of the terms that the slope is a sum of, the difference that passes: of steady states, and in relative tolerances of a solve. */
const WITHIN = { steady: 1e-6, tolerances: 100 };
/** The tolerances of the solves whose losses are compared, relative to those of the gradient. */
const TIGHTER = 1e-3;
const TIGHTEST = 1e-13;

/** By p and u0. Throws {@link GradientCheckFailed}. */
export function checkByDifferences(
  task: GradientTask,
  by: { readonly p?: Float64Array; readonly u0?: Float64Array },
): CheckReport {
  const isSteady = task.loss.steady !== undefined;
  const within = isSteady ? WITHIN.steady : Math.max(WITHIN.steady, WITHIN.tolerances * task.rtol);
  const tighter = isSteady ? 1 : Math.max(TIGHTEST, TIGHTER * task.rtol) / task.rtol;
  const random = pseudoRandom();
  const along = (sizes: Float64Array, asked: unknown): Float64Array => sizes.map((size) => (asked ? random() * size : 0));
  const p = along(sizesOf(task.p), by.p);
  const u0 = along(stateSizes(task.u0), by.u0);
  const terms = [...p.map((x, j) => x * (by.p?.[j] ?? 0)), ...u0.map((x, i) => x * (by.u0?.[i] ?? 0))];
  const size = terms.reduce((sum, x) => sum + Math.abs(x), 0);
  const found = terms.reduce((sum, x) => sum + x, 0);
  const moved = (h: number): GradientTask => ({
    ...task,
    rtol: tighter * task.rtol,
    atol: typeof task.atol === "number" ? tighter * task.atol : task.atol.map((x) => tighter * x),
    p: task.p.map((x, j) => x + h * p[j]),
    u0: task.u0.map((x, i) => x + h * u0[i]),
    onProgress: undefined,
  });
  const { slope, error } = extrapolatedDifference((h) => lossValue(moved(h)), DISTANCE, { enough: (within / 10) * size });
  const difference = Math.abs(found - slope);
  const scale = Math.max(size, Math.abs(slope));
  const relativeDifference = difference === 0 ? 0 : difference / scale;
  if (difference <= within * scale + 10 * error) return { passed: true, relativeDifference };
  throw new GradientCheckFailed(
    `${task.problem.name}: along a random direction the gradient gives ${found}, differences of the loss ${slope}: they ` +
      `differ by ${relativeDifference.toExponential(1)} of the size of their terms, and ${short(within)} is allowed. Look for kinks` +
      `${isSteady ? " at the steady state, or another steady state that is close by" : " of the loss, and tighten rtol and atol"}; if there are none, ` +
      "please report this.",
  );
}
