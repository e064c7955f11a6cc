import { rock } from "../families/rock/family.ts";
import type { RockMethod, RockTableau } from "../families/rock/tableau.ts";
import { requireNoOptions, type NoOptions } from "../step/method.ts";
import { degrees, finishing, recurrences } from "./rock2-coefficients.ts";

const tableau: RockTableau = {
  degrees,
  recurrences,
  finishing: degrees.map((_, k) => {
    const [sigma, tau] = finishing.slice(2 * k);
    return { a: [[sigma]], b: [sigma - tau, sigma + tau], error: [-tau, tau] };
  }),
  reach: 0.807,
  offset: 1.5,
  errorOrder: 2,
};

/**
 * ROCK2, of order 2: explicit, with as many stages as each step's length and the spectral radius ask for, s of them for h ρ up to
 * 0.81 s² - 1.5, which is a quarter more than `rkc` reaches. For mildly stiff problems whose eigenvalues lie near the negative real axis, such as
 * diffusion. The spectral radius is bounded by sums of the Jacobian's rows and columns. Dense output: cubic Hermite.
 *
 * A. Abdulle, A. A. Medovikov, Second order Chebyshev methods based on orthogonal polynomials, Numer. Math. 90 (2001) 1–18.
 */
export function rock2(options: NoOptions = {}): RockMethod {
  requireNoOptions("rock2", options);
  return { name: "rock2", family: rock, order: 2, tableau };
}
