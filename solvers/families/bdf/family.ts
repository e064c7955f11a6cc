/** Backward differentiation formulas of variable order and step. */
import { asProposed } from "../../step/controller.ts";
import { linearSystems } from "../../step/linear-systems.ts";
import type { Family } from "../../step/method.ts";
import { bdfStep } from "./step.ts";
import type { BdfTableau } from "./tableau.ts";

export const bdf: Family<BdfTableau> = {
  name: "bdf",
  implicit: true,
  linearSystems,
  takesMass: true,
  step: bdfStep,
  controller: () => asProposed,
  stability: () => undefined,
};
