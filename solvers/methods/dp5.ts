import { explicit } from "../families/explicit/family.ts";
import { requireNoOptions, type NoOptions } from "../step/method.ts";
import type { ExplicitMethod, ExplicitTableau } from "../families/explicit/tableau.ts";

const tableau: ExplicitTableau = {
  stages: [
    { c: 1 / 5, a: [1 / 5] },
    { c: 3 / 10, a: [3 / 40, 9 / 40] },
    { c: 4 / 5, a: [44 / 45, -56 / 15, 32 / 9] },
    { c: 8 / 9, a: [19372 / 6561, -25360 / 2187, 64448 / 6561, -212 / 729] },
    { c: 1, a: [9017 / 3168, -355 / 33, 46732 / 5247, 49 / 176, -5103 / 18656] },
  ],
  b: [35 / 384, 0, 500 / 1113, 125 / 192, -2187 / 6784, 11 / 84],
  error: [71 / 57600, 0, -71 / 16695, 71 / 1920, -17253 / 339200, 22 / 525, -1 / 40],
  dense: {
    d: [
      -12715105075 / 11282082432,
      0,
      87487479700 / 32700410799,
      -10690763975 / 1880347072,
      701980252875 / 199316789632,
      -1453857185 / 822651844,
      69997945 / 29380423,
    ],
  },
};

/**
 * Order 5 with an embedded method of order 4 and dense output of order 4.
 *
 * J. R. Dormand, P. J. Prince, A family of embedded Runge–Kutta formulae, J. Comput. Appl. Math. 6 (1980) 19–26; dense
 * output as in E. Hairer, S. P. Nørsett, G. Wanner, Solving Ordinary Differential Equations I, 2nd ed. (1993), II.6.
 */
export function dp5(options: NoOptions = {}): ExplicitMethod {
  requireNoOptions("dp5", options);
  return { name: "dp5", family: explicit, order: 5, tableau };
}
