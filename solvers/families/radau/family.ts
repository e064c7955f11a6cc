/** Fully implicit Runge–Kutta methods by collocation at Radau's nodes: all stages are found together. */
import { predictive } from "../../step/controller.ts";
import { linearSystems } from "../../step/linear-systems.ts";
import type { Family } from "../../step/method.ts";
import { radauStep } from "./step.ts";
import type { RadauTableau } from "./tableau.ts";

export const radau: Family<RadauTableau> = {
  name: "radau",
  implicit: true,
  linearSystems,
  takesMass: true,
  iterates: true,
  step: radauStep,
  controller: ({ tableau }) => predictive(tableau.errorOrder),
  stability: () => undefined,
};
