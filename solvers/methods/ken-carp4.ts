/**
 * An additive method of order 4 with an embedded one of order 3, ARK4(3)6L[2]SA (C. A. Kennedy, M. H. Carpenter,
 * Additive Runge–Kutta schemes for convection–diffusion–reaction equations, Appl. Numer. Math. 44 (2003) 139–181, appendix C). The
 * published dense output is of order 3; this one is of order 4: its correction is the shortest that meets the conditions.
 */
import { sdirk } from "../families/sdirk/family.ts";
import type { SdirkMethod, SdirkTableau } from "../families/sdirk/tableau.ts";
import { newtonOptions, type NewtonOptions } from "../newton/krylov.ts";

const g = 1 / 4;
const weights = [82889 / 524892, 0, 15625 / 83664, 69875 / 102672, -2260 / 8211, g];
const embedded = [
  4586570599 / 29645900160,
  0,
  178811875 / 945068544,
  814220225 / 1159782912,
  -3700637 / 11593932,
  61727 / 225920,
];

const tableau: SdirkTableau = {
  a: [
    [0],
    [g, g],
    [8611 / 62500, -1743 / 31250, g],
    [5012029 / 34652500, -654441 / 2922500, 174375 / 388108, g],
    [15267082809 / 155376265600, -71443401 / 120774400, 730878875 / 902184768, 2285395 / 8070912, g],
    weights,
  ],
  c: [0, 1 / 2, 83 / 250, 31 / 50, 17 / 20, 1],
  b: weights,
  // The difference of the two has a quarter of the leading error of a step (Euclidean norms of the coefficients). By itself it lets
  // Lotka–Volterra err by 9 tolerances, with stages that are solved to rounding, too.
  error: weights.map((weight, i) => 4 * (weight - embedded[i])),
  errorOrder: 4,
  explicit: {
    a: [
      [],
      [1 / 2],
      [13861 / 62500, 6889 / 62500],
      [-116923316275 / 2393684061468, -2731218467317 / 15368042101831, 9408046702089 / 11113171139209],
      [
        -451086348788 / 2902428689909,
        -2682348792572 / 7519795681897,
        12662868775082 / 11960479115383,
        3355817975965 / 11060851509271,
      ],
      [
        647845179188 / 3216320057751,
        73281519250 / 8382639484533,
        552539513391 / 3454668386233,
        3354512671639 / 8306763924573,
        4040 / 17871,
      ],
    ],
  },
  correction: [
    -1.0669210852523652, 2.5982319543286684, 2.5859692785348545, -5.0642460317934903, -0.23472585261150324, 1.1816917367938359,
  ],
};

/**
 * Implicit, of order 4 with error control, L-stable: for stiff problems at middling tolerances. Its error estimate is four times the
 * published one, which has a quarter of a step's leading error. A right-hand side
 * stated as { stiff, nonstiff } is taken in parts, the second explicitly. Throws for unknown options.
 */
export function kenCarp4(options: NewtonOptions = {}): SdirkMethod {
  return { name: "kenCarp4", order: 4, family: sdirk, tableau, ...newtonOptions("kenCarp4", options) };
}
