/** The comparison of a product of second derivatives with differences of gradients along its direction. */
import { ownLayout } from "../src/arrays/layout.ts";
import { unpack } from "../src/arrays/pack.ts";
import type { OdeProblem } from "../src/problem/problem.ts";
import { pseudoRandom } from "../src/problem/pseudo-random.ts";
import { sizesOf, stateSizes } from "../src/problem/sizes.ts";
import type { Direction } from "./adjoints/shared/directions.ts";
import { gradient, type GradientOptions } from "./gradient.ts";
import { extrapolatedDifference } from "./numerics/extrapolated-difference.ts";
import { short } from "./planner/quantities.ts";
import { startOf } from "../solvers/systems/start.ts";
import { throughStart } from "./task/initial-state.ts";
import type { Product } from "./second-order/products.ts";
import { GradientCheckFailed } from "./task/errors.ts";
import type { UnplannedTask } from "./task/task.ts";
import type { CheckReport } from "./task/vjp-agreement.ts";

/** The first distance, in lengths of a direction that changes nothing by more than its size. */
const DISTANCE = 1 / 64;
/** Right solves differ by so many times the relative tolerance of the size of the terms, at most. */
const WITHIN = 1000;
/** The tolerances of the gradients that are compared, relative to those of the second derivatives: differences divide their errors. */
const TIGHTER = 1e-2;
const TIGHTEST = 1e-12;

/**
 * ⟨w, H d⟩ against the difference of ⟨w, ∇L⟩ along d, for random w.
 *
 * @throws {@link GradientCheckFailed} where they disagree.
 */
export function checkProduct(
  { layout, ...stated }: OdeProblem,
  options: GradientOptions,
  task: UnplannedTask,
  { direction, product }: { readonly direction: Direction; readonly product: Product },
): CheckReport {
  // Where parameters are others, so is the state that solves the algebraic equations.
  const problem = { ...stated, ...(task.code.mass && { initialise: "algebraic" as const }) };
  const random = pseudoRandom();
  const own = task.u0.subarray(0, ownLayout(layout.u).size);
  const sizes = { p: sizesOf(task.p), u0: stateSizes(own) };
  const weights = { p: sizes.p.map((size) => size * random()), u0: sizes.u0.map((size) => size * random()) };
  const terms = (by: Product): number[] => (["p", "u0"] as const).flatMap((what) => Array.from(by[what] ?? [], (x, i) => x * weights[what][i])); // prettier-ignore
  const length = Math.max(...(["p", "u0"] as const).flatMap((what) => Array.from(direction[what] ?? [], (x, i) => Math.abs(x) / sizes[what][i]))); // prettier-ignore
  const moved = (x: Float64Array, by: Float64Array | undefined, h: number): Float64Array => x.map((value, i) => value + (h / length) * (by?.[i] ?? 0)); // prettier-ignore
  const rtol = Math.max(TIGHTEST, TIGHTER * task.rtol);
  const tighter = (x: number): number => (x * rtol) / task.rtol;
  const atol = typeof task.atol === "number" ? tighter(task.atol) : task.atol.slice(0, own.length).map(tighter);
  const slopeAt = (h: number): number => {
    const p = moved(task.p, direction.p, h);
    const start = task.start ? startOf({ layout, ...problem }, undefined, p) : own;
    const at = { p: unpack(layout.p, p), u0: unpack(layout.u, moved(start, direction.u0, h)) };
    const wrt = task.start ? (["p", "u0"] as const) : options.wrt;
    const { flat } = gradient({ layout, ...problem }, { ...options, ...at, wrt, rtol, atol, onProgress: undefined });
    const asked = { p: flat.p?.slice(), u0: product.u0 && flat.u0 };
    // A start that is a function of p is given by its value here.
    if (asked.p && flat.u0) throughStart({ ...task, p }, flat.u0)?.forEach((x, j) => (asked.p![j] += x));
    return sum(terms(asked));
  };
  const found = terms(product).map((x) => x / (length || 1));
  const size = sum(found.map(Math.abs));
  const allowed = WITHIN * task.rtol;
  const { slope, error } = extrapolatedDifference(slopeAt, DISTANCE, { enough: (allowed / 10) * size });
  const difference = Math.abs(sum(found) - slope);
  const scale = Math.max(size, Math.abs(slope));
  const relativeDifference = difference === 0 ? 0 : difference / scale;
  if (difference <= allowed * scale + 10 * error) return { passed: true, relativeDifference };
  throw new GradientCheckFailed(
    `${problem.name}: along a direction second derivatives give ${sum(found)}, differences of gradients ${slope}: they differ by ` +
      `${relativeDifference.toExponential(1)} of the size of their terms, and ${short(allowed)} is allowed. Tighten rtol and atol, and look for ` +
      "kinks of the loss; if there are none, please report this.",
  );
}

function sum(terms: readonly number[]): number {
  return terms.reduce((total, term) => total + term, 0);
}
