import { rock } from "../families/rock/family.ts";
import type { RockMethod, RockTableau } from "../families/rock/tableau.ts";
import { requireNoOptions, type NoOptions } from "../step/method.ts";
import { degrees, finishing, recurrences } from "./rock4-coefficients.ts";

/** Numbers of each degree. */
const ROW = 15;

const tableau: RockTableau = {
  degrees,
  recurrences,
  finishing: degrees.map((_, k) => {
    const [a21, a31, a32, a41, a42, a43, ...weights] = finishing.slice(ROW * k, ROW * (k + 1));
    const [b, embedded] = [weights.slice(0, 4), weights.slice(4)];
    return { a: [[a21], [a31, a32], [a41, a42, a43]], b, error: embedded.map((weight, i) => weight - (b[i] ?? 0)) };
  }),
  reach: 0.3528,
  offset: 3,
  errorOrder: 4,
};

/**
 * ROCK4, of order 4 with an embedded method of order 3: explicit, with as many stages as each step's length and the spectral radius ask for, s of
 * them for h ρ up to 0.35 s² - 3. For mildly stiff problems whose eigenvalues lie near the negative real axis, such as diffusion, to more
 * digits than `rkc` and `rock2`. The spectral radius is bounded by sums of the Jacobian's rows and columns. Dense output: cubic Hermite.
 *
 * A. Abdulle, Fourth order Chebyshev methods with recurrence relation, SIAM J. Sci. Comput. 23 (2002) 2041–2054.
 */
export function rock4(options: NoOptions = {}): RockMethod {
  requireNoOptions("rock4", options);
  return { name: "rock4", family: rock, order: 4, tableau };
}
