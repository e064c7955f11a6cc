/** Diagonally implicit Runge–Kutta methods: each stage is an equation, solved by Newton iterations with a matrix that stages share. */
import { predictive } from "../../step/controller.ts";
import { linearSystems } from "../../step/linear-systems.ts";
import type { Family } from "../../step/method.ts";
import { sdirkStep } from "./step.ts";
import type { SdirkTableau } from "./tableau.ts";

export const sdirk: Family<SdirkTableau> = {
  name: "sdirk",
  implicit: true,
  linearSystems,
  takesMass: true,
  iterates: true,
  step: sdirkStep,
  controller: ({ order, tableau }) => predictive(tableau.errorOrder ?? order),
  stability: () => undefined,
};
