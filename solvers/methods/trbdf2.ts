/** The trapezoidal rule and BDF2 as one step, with its third-order companion (M. E. Hosea, L. F. Shampine, Appl. Numer. Math. 20 (1996) 21–37, section 3). */
import { sdirk } from "../families/sdirk/family.ts";
import type { SdirkMethod, SdirkTableau } from "../families/sdirk/tableau.ts";
import { newtonOptions, type NewtonOptions } from "../newton/krylov.ts";

const gamma = 1 - Math.SQRT2 / 2;
const w = Math.SQRT2 / 4;

const tableau: SdirkTableau = {
  a: [[0], [gamma, gamma], [w, w, gamma]],
  c: [0, 2 * gamma, 1],
  b: [w, w, gamma],
  error: [w - (1 - w) / 3, w - (3 * w + 1) / 3, gamma - gamma / 3],
  filtered: true,
  errorOrder: 3,
};

/** Implicit, of order 2 with error control, L-stable: for stiff problems at loose tolerances. Throws for unknown options. */
export function trbdf2(options: NewtonOptions = {}): SdirkMethod {
  return { name: "trbdf2", order: 2, family: sdirk, tableau, ...newtonOptions("trbdf2", options) };
}
