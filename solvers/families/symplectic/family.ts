/** Symplectic methods for equations of position and velocity. */
import { proportionalIntegral } from "../../step/controller.ts";
import type { Family } from "../../step/method.ts";
import { symplecticStep } from "./step.ts";
import type { SymplecticTableau } from "./tableau.ts";

export const symplectic: Family<SymplecticTableau> = {
  name: "symplectic",
  implicit: false,
  alternates: true,
  step: symplecticStep,
  controller: ({ order }) => proportionalIntegral(order),
  stability: () => undefined,
};
