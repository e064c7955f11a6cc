/**
 * Kværnø's method of order 5 with an embedded one of order 4 (A. Kværnø, Singly diagonally implicit Runge–Kutta methods with an
 * explicit first stage, BIT 44 (2004) 489–502, section 4). The dense output's correction is the shortest that meets the conditions of
 * order 4.
 */
import { sdirk } from "../families/sdirk/family.ts";
import type { SdirkMethod, SdirkTableau } from "../families/sdirk/tableau.ts";
import { newtonOptions, type NewtonOptions } from "../newton/krylov.ts";

const g = 0.26;
const embedded = [0.13855640231268224, 0, -0.04245337201752043, 0.02446657898003141, 0.61943039072480676, g, 0];
const weights = [0.13659751177640291, 0, -0.05496908796538376, -0.04118626728321046, 0.62993304899016403, 0.06962479448202728, g];

const tableau: SdirkTableau = {
  a: [
    [0],
    [g, g],
    [0.13, 0.84033320996790809, g],
    [0.22371961478320505, 0.47675532319799699, -0.06470895363112615, g],
    [0.16648564323248321, 0.1045001884159172, 0.03631482272098715, -0.13090704451073998, g],
    embedded.slice(0, 6),
    weights,
  ],
  c: [0, 0.52, 1.230333209967908, 0.8957659843500759, 0.43639360985864756, 1, 1],
  b: weights,
  // The difference of the two has a quarter of the leading error of a step (Euclidean norms of the coefficients). By itself it lets
  // Lotka–Volterra err by 45 tolerances, with stages that are solved to rounding, too.
  error: weights.map((weight, i) => 4 * (weight - embedded[i])),
  errorOrder: 5,
  correction: [
    -0.48424934964585916, 0, 0.99217470118034616, -0.62410803310215611, 1.380100427378425, -0.63195887290537795,
    -0.63195887290537795,
  ],
};

/**
 * Implicit, of order 5 with error control, L-stable, with dense output of order 4: for stiff problems at middling to tight tolerances.
 * Its error estimate is four times the published one, which has a quarter of a step's leading error. Throws for unknown options.
 */
export function kvaerno5(options: NewtonOptions = {}): SdirkMethod {
  return { name: "kvaerno5", order: 5, family: sdirk, tableau, ...newtonOptions("kvaerno5", options) };
}
