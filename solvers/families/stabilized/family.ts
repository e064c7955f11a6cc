/** Runge–Kutta–Chebyshev methods: explicit, and stable along the negative real axis as far as the square of the number of their stages. */
import { proportionalIntegral } from "../../step/controller.ts";
import type { Family } from "../../step/method.ts";
import { stabilizedStep } from "./step.ts";
import type { StabilizedTableau } from "./tableau.ts";

export const stabilized: Family<StabilizedTableau> = {
  name: "stabilized",
  implicit: false,
  usesJacobian: true,
  step: stabilizedStep,
  controller: ({ tableau }) => proportionalIntegral(tableau.errorOrder),
  stability: () => undefined,
};
