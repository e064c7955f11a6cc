/**
 * An additive method of order 3 with an embedded one of order 2, ARK3(2)4L[2]SA (C. A. Kennedy, M. H. Carpenter,
 * Additive Runge–Kutta schemes for convection–diffusion–reaction equations, Appl. Numer. Math. 44 (2003) 139–181, appendix C).
 */
import { sdirk } from "../families/sdirk/family.ts";
import type { SdirkMethod, SdirkTableau } from "../families/sdirk/tableau.ts";
import { newtonOptions, type NewtonOptions } from "../newton/krylov.ts";

const g = 1767732205903 / 4055673282236;
const weights = [1471266399579 / 7840856788654, -4482444167858 / 7529755066697, 11266239266428 / 11593286722821, g];
const embedded = [
  2756255671327 / 12835298489170,
  -10771552573575 / 22201958757719,
  9247589265047 / 10645013368117,
  2193209047091 / 5459859503100,
];

const tableau: SdirkTableau = {
  a: [[0], [g, g], [2746238789719 / 10658868560708, -640167445237 / 6845629431997, g], weights],
  c: [0, 2 * g, 3 / 5, 1],
  b: weights,
  // The difference of the two has a quarter of the leading error of a step (Euclidean norms of the coefficients). By itself it lets
  // Lotka–Volterra err by 43 tolerances, with stages that are solved to rounding, too.
  error: weights.map((weight, i) => 4 * (weight - embedded[i])),
  errorOrder: 3,
  explicit: {
    a: [
      [],
      [2 * g],
      [5535828885825 / 10492691773637, 788022342437 / 10882634858940],
      [6485989280629 / 16251701735622, -4246266847089 / 9704473918619, 10755448449292 / 10357097424841],
    ],
  },
};

/**
 * Implicit, of order 3 with error control, L-stable: for stiff problems at loose to middling tolerances. Its error estimate is four
 * times the published one, which has a quarter of a step's leading error. A right-hand side
 * stated as { stiff, nonstiff } is taken in parts, the second explicitly. Throws for unknown options.
 */
export function kenCarp3(options: NewtonOptions = {}): SdirkMethod {
  return { name: "kenCarp3", order: 3, family: sdirk, tableau, ...newtonOptions("kenCarp3", options) };
}
