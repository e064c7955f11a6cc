/** Stabilised explicit methods of orthogonal polynomials: nearly as stable as those of Chebyshev's, and of higher order. */
import { proportionalIntegral } from "../../step/controller.ts";
import type { Family } from "../../step/method.ts";
import { rockStep } from "./step.ts";
import type { RockTableau } from "./tableau.ts";

export const rock: Family<RockTableau> = {
  name: "rock",
  implicit: false,
  usesJacobian: true,
  step: rockStep,
  controller: ({ tableau }) => proportionalIntegral(tableau.errorOrder),
  stability: () => undefined,
};
