import { rosenbrock } from "../families/rosenbrock/family.ts";
import { requireNoOptions, type NoOptions } from "../step/method.ts";
import type { RosenbrockMethod, RosenbrockTableau } from "../families/rosenbrock/tableau.ts";

const d = 1 / (2 + Math.SQRT2);
const e = 6 + Math.SQRT2;

/** The published form, (I − hdJ) k = …, rewritten in U = Γ (h k) with Γ⁻¹ = (1/d) [1; 1 1; 2 e 1]. */
const tableau: RosenbrockTableau = {
  gamma: d,
  a: [[], [1 / (2 * d)], [1 / d, 1 / d]],
  C: [[], [-1 / d], [-2 / d, -e / d]],
  c: [0, 1 / 2, 1],
  d: [d, 0, -d],
  b: [1 / d, 1 / d, 0],
  error: [1 / (6 * d), (e - 2) / (6 * d), 1 / (6 * d)],
  errorOrder: 3,
  H: [[0, -1 / (d * (1 - 2 * d)), 0]],
};

/**
 * Order 2, L-stable, with an error estimate of order 3 and dense output of order 2: for stiff problems at loose tolerances.
 *
 * L. F. Shampine, M. W. Reichelt, The MATLAB ODE Suite, SIAM J. Sci. Comput. 18 (1997) 1–22.
 */
export function rosenbrock23(options: NoOptions = {}): RosenbrockMethod {
  requireNoOptions("rosenbrock23", options);
  return { name: "rosenbrock23", family: rosenbrock, order: 2, tableau };
}
