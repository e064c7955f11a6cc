/** The comparison of a whole gradient, along one random direction, with dual numbers through a solve of its own. */
import { executionOf } from "../../solvers/systems/problem-system.ts";
import { BadGradientOption } from "../vjp/errors.ts";
import { GradientCheckFailed } from "../task/errors.ts";
import { isTraced } from "../task/derivable-rhs.ts";
import { short } from "../planner/quantities.ts";
import { appliedLoss } from "../losses/compiled.ts";
import { velocity } from "../adjoints/shared/end-times.ts";
import type { FlatGradient, GradientTask } from "../task/task.ts";
import { pseudoRandom } from "../../src/problem/pseudo-random.ts";
import { sizesOf, stateSizes } from "../../src/problem/sizes.ts";
import { alongDirections } from "./along.ts";
import type { CheckReport } from "../task/vjp-agreement.ts";

/** A gradient is right within so many times the relative tolerance of the size of what it is a sum of. */
const WITHIN = 100;
/** The relative difference of sums of rounded terms. */
const ROUNDING = 1e-9;

/** The relative difference that two right solves may have. */
export function allowedDifference({ rtol }: GradientTask): number {
  return Math.max(ROUNDING, WITHIN * rtol);
}

/**
 * Requires a right-hand side with which the gradient can be compared.
 *
 * @throws {@link BadGradientOption}
 */
export function requireCheckable({ code }: Pick<GradientTask, "code">): void {
  const { compiled, reason } = executionOf(code);
  if (compiled || isTraced(code)) return;
  throw new BadGradientOption(
    "check: it compares the gradient with dual numbers through the whole solve, which need the right-hand side as a program, " +
      `and it runs by itself: ${reason} The gradient needs none: leave \`check\` out, or compare with differences: checkGradient.`,
  );
}

/**
 * Compares a gradient.
 *
 * @throws {@link GradientCheckFailed} where the gradient and dual numbers through the whole solve disagree.
 */
export function checkThroughSolve(task: GradientTask, flat: FlatGradient): CheckReport {
  const random = pseudoRandom();
  const inProportion = (sizes: Float64Array): Float64Array => sizes.map((size) => random() * size);
  const p = flat.p && inProportion(sizesOf(task.p));
  const u0 = flat.u0 && inProportion(stateSizes(task.u0));
  const { tspan } = task.problem;
  const [later, longer] = [flat.t0, flat.t1].map((x) => (x === undefined ? 0 : random() * Math.abs(tspan[1] - tspan[0])));
  // A start that is later is a change of the initial state, by -f, and of where the integral begins.
  const f = velocity(task, task.u0, tspan[0]);
  const start = later === 0 ? u0 : f.map((x, i) => (u0?.[i] ?? 0) - later * x);
  const before = later === 0 ? 0 : later * appliedLoss(task).integrand(tspan[0], task.u0);
  const { along, end } = alongDirections(task, [{ p, u0: start }]);
  const slope = along[0].slope - before + longer * end.slope;
  const terms = [...products(flat.p, p), ...products(flat.u0, u0), (flat.t0 ?? 0) * later, (flat.t1 ?? 0) * longer];
  const found = sum(terms);
  const size = Math.max(along[0].size + Math.abs(before) + Math.abs(longer) * end.size, sum(terms.map(Math.abs)));
  const difference = Math.abs(found - slope);
  const relativeDifference = difference === 0 ? 0 : difference / size;
  if (!(relativeDifference <= allowedDifference(task))) {
    throw new GradientCheckFailed(
      `${task.problem.name}: along a random direction the gradient gives ${found}, dual numbers through a tighter solve ${slope}: they differ ` +
        `by ${relativeDifference.toExponential(1)} of the size of their terms, and ${short(allowedDifference(task))} is allowed. Tighten rtol and atol, or take ` +
        'another adjoint ("dual" controls the errors of derivatives); if they still differ, please report this.',
    );
  }
  return { passed: true, relativeDifference };
}

function products(gradient: Float64Array | undefined, direction: Float64Array | undefined): number[] {
  return gradient && direction ? Array.from(gradient, (x, i) => x * direction[i]) : [];
}

function sum(terms: readonly number[]): number {
  return terms.reduce((total, term) => total + term, 0);
}
