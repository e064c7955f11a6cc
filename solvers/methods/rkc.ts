import { stabilized } from "../families/stabilized/family.ts";
import type { StabilizedMethod, StabilizedTableau } from "../families/stabilized/tableau.ts";
import { requireNoOptions, type NoOptions } from "../step/method.ts";

const tableau: StabilizedTableau = { damping: 2 / 13, reach: 1 / 1.54, mostStages: 128, errorOrder: 3 };

/**
 * The Runge–Kutta–Chebyshev method of order 2: explicit, with as many stages as each step's length and the spectral radius ask for, s of
 * them for h ρ up to 0.65 (s² − 1). For mildly stiff problems whose eigenvalues lie near the negative real axis, such as diffusion, that are
 * too large for linear solves. The spectral radius is bounded by sums of the Jacobian's rows and columns, where it is evaluated once a
 * step. Dense output: cubic Hermite.
 *
 * B. P. Sommeijer, L. F. Shampine, J. G. Verwer, RKC: An explicit solver for parabolic PDEs, J. Comput. Appl. Math. 88 (1998) 315–326.
 */
export function rkc(options: NoOptions = {}): StabilizedMethod {
  requireNoOptions("rkc", options);
  return { name: "rkc", family: stabilized, order: 2, tableau };
}
