import { rosenbrock } from "../families/rosenbrock/family.ts";
import { requireNoOptions, type NoOptions } from "../step/method.ts";
import type { RosenbrockMethod, RosenbrockTableau } from "../families/rosenbrock/tableau.ts";

const tableau: RosenbrockTableau = {
  gamma: 1 / 2,
  a: [[], [0], [2, 0], [2, 0, 1]],
  C: [[], [4], [1, -1], [1, -1, -8 / 3]],
  c: [0, 0, 1, 1],
  d: [1 / 2, 3 / 2, 0, 0],
  b: [2, 0, 1, 1],
  error: [0, 0, 0, 1],
  errorOrder: 3,
  // The first two by the conditions of order 2; with the third, what decays at once goes as (1 − θ)².
  H: [[3, -1, 1, 0]],
};

/**
 * Order 3 with an embedded method of order 2, stiffly accurate, with dense output of order 2: for stiff problems at loose tolerances.
 *
 * A. Sandu, J. G. Verwer, J. G. Blom, E. J. Spee, G. R. Carmichael, F. A. Potra, Benchmarking stiff ODE solvers for atmospheric
 * chemistry problems II: Rosenbrock solvers, Atmos. Environ. 31 (1997) 3459–3472 (RODAS3). The dense output is this library's.
 */
export function rodas3(options: NoOptions = {}): RosenbrockMethod {
  requireNoOptions("rodas3", options);
  return { name: "rodas3", family: rosenbrock, order: 3, tableau };
}
