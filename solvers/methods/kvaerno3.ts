/**
 * Kværnø's method of order 3 with an embedded one of order 2, both L-stable in the last stage's sense (A. Kværnø, Singly diagonally
 * implicit Runge–Kutta methods with an explicit first stage, BIT 44 (2004) 489–502, section 3): γ is the root of γ³ − 3γ² + 3γ/2 = 1/6
 * near 0.4359, the rest follows from the order conditions with c = (0, 2γ, 1, 1).
 */
import { sdirk } from "../families/sdirk/family.ts";
import type { SdirkMethod, SdirkTableau } from "../families/sdirk/tableau.ts";
import { newtonOptions, type NewtonOptions } from "../newton/krylov.ts";

const g = 0.43586652150845899942;
const a32 = (1 - 2 * g) / (4 * g);
const b2 = 1 / (12 * g * (1 - 2 * g));
const b3 = 1 / 2 - g - 2 * g * b2;
const embedded = [1 - g - a32, a32, g, 0];
const weights = [1 - b2 - b3 - g, b2, b3, g];

const tableau: SdirkTableau = {
  a: [[0], [g, g], embedded.slice(0, 3), weights],
  c: [0, 2 * g, 1, 1],
  b: weights,
  error: weights.map((weight, i) => weight - embedded[i]),
  errorOrder: 3,
};

/** Implicit, of order 3 with error control, L-stable: for stiff problems at loose to middling tolerances. Throws for unknown options. */
export function kvaerno3(options: NewtonOptions = {}): SdirkMethod {
  return { name: "kvaerno3", order: 3, family: sdirk, tableau, ...newtonOptions("kvaerno3", options) };
}
